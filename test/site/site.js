/* What TypeDoc puts together in the browser: a result of the search is an option of a list, which is
   pressed itself, so the link in it becomes text. */
const results = document.getElementById("tsd-search-results");

new MutationObserver(() => {
  for (const link of results.querySelectorAll("a[href]")) {
    link.dataset.address = link.href;
    link.removeAttribute("href");
    link.removeAttribute("tabindex");
  }
}).observe(results, { childList: true });

const addressOf = (event) => event.target.closest("li")?.querySelector("[data-address]")?.dataset.address;

// As links do: in this window, or in another with a key or the middle button. TypeDoc's script
// presses the link of the option that the keys of arrows have chosen.
results.addEventListener("click", (event) => {
  const address = addressOf(event);
  if (address === undefined) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey) open(address);
  else location.assign(address);
});
results.addEventListener("auxclick", (event) => {
  const address = addressOf(event);
  if (address !== undefined && event.button === 1) open(address);
});
