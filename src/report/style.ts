/** The style sheet of the page: light and dark, narrow and wide, and print. */
import { darkTheme, paperTheme, type Theme } from "./drawing/theme.ts";

const variables = (theme: Theme) =>
  Object.entries(theme)
    .map(([name, colour]) => `--${name}:${colour};`)
    .join("");

/** CSS, with the colours of the figures as variables. */
export const style = `
:root{color-scheme:light;${variables(paperTheme)}--muted:#5a636e;--tint:#f5f6f8}
@media screen and (prefers-color-scheme:dark){
:root{color-scheme:dark;${variables(darkTheme)}--muted:#a0a8b2;--tint:#1d2126}}
*{box-sizing:border-box}
html{scroll-padding-top:1.5rem;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--background);color:var(--ink);
font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;overflow-wrap:break-word}
.page{max-width:54rem;margin:0 auto;padding:3.5rem 1.25rem 5rem}
a{color:var(--originals);text-underline-offset:.15em}
figcaption a,.tiles a{color:inherit}
.tiles a{display:block;width:fit-content}
:focus-visible{outline:2px solid var(--originals);outline-offset:2px}
summary{cursor:pointer;font-weight:600}
nav{margin-top:1.5rem;padding:.6rem 1rem;border-radius:.5rem;background:var(--tint);font-size:.9375rem;line-height:1.45}
nav ul{margin:.5rem 0 0;padding:0;list-style:none}
nav ul ul{margin:.1rem 0 .5rem;padding-left:.9rem;font-size:.875rem}
nav li{margin:.2rem 0}
nav a{display:block;color:inherit;text-decoration:none}
nav ul ul a{color:var(--muted)}
nav a:hover,nav a[aria-current]{color:var(--originals);text-decoration:underline}
@supports selector(::details-content){
@media screen and (min-width:76rem){
.page{display:grid;grid-template-columns:minmax(0,54rem) 15rem;column-gap:4rem;justify-content:center;max-width:none}
header,main{grid-column:1}
nav{grid-column:2;grid-row:1/span 2;position:sticky;top:1.5rem;align-self:start;max-height:calc(100vh - 3rem);overflow-y:auto;margin:0;padding:.25rem 0 .25rem 1.25rem;border-left:1px solid var(--rule);border-radius:0;background:none;font-size:.875rem}
nav ul ul{font-size:.8125rem}
nav summary{display:none}
nav details::details-content{content-visibility:visible;block-size:auto}
}
}
header p{margin:0 0 .35rem;color:var(--muted);font-size:.9375rem}
h1{margin:0;font-size:clamp(1.75rem,1.3rem + 2vw,2.5rem);line-height:1.15;letter-spacing:-.022em;font-weight:680;text-wrap:balance}
h2{margin:3.75rem 0 .9rem;font-size:1.375rem;line-height:1.3;letter-spacing:-.012em;font-weight:650}
h3{margin:2.25rem 0 .6rem;font-size:1.0625rem;font-weight:650}
p{margin:0 0 1rem}
section>p{max-width:43rem}
.verdict{margin-top:1.75rem}
.verdict p{max-width:43rem}
.badge{display:inline-block;padding:.2rem .9rem .25rem;border-radius:2rem;border:2px solid var(--tone);color:var(--tone);font-size:1.25rem;font-weight:680;letter-spacing:-.01em}
.good{--tone:var(--reconstructions)}.mixed{--tone:var(--average)}.bad{--tone:var(--samples)}.open{--tone:var(--references)}
.verdict .meaning{font-size:clamp(1.1875rem,1.1rem + .5vw,1.375rem);line-height:1.5;letter-spacing:-.008em}
.tiles{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:.75rem;margin:1.5rem 0 0}
.tiles div{display:grid;grid-template-rows:subgrid;grid-row:span 3;row-gap:0;align-content:start;padding:.8rem .9rem .85rem;border-radius:.5rem;background:var(--tint);line-height:1.35}
.tiles dt{font-size:.8125rem;color:var(--muted)}
.tiles dd{margin:0}
.tiles .value{margin:.25rem 0 .35rem;font-size:clamp(1.125rem,.6rem + 1.4vw,1.5rem);line-height:1.2;font-weight:650;letter-spacing:-.015em;font-variant-numeric:tabular-nums}
.tiles .note{margin:0;font-size:.8125rem}
.verdict .rule{padding-left:1rem;border-left:3px solid var(--rule);color:var(--muted)}
table{width:100%;border-collapse:collapse;font-size:.9375rem;line-height:1.4;font-variant-numeric:tabular-nums}
th,td{padding:.55rem 0 .55rem 1rem;text-align:right;font-weight:400;vertical-align:baseline}
th:first-child{padding-left:0;text-align:left}
thead th,thead td{color:var(--muted);font-size:.8125rem;vertical-align:bottom;border-bottom:1px solid var(--ink)}
tbody tr{border-bottom:1px solid var(--rule)}
.scroll{overflow-x:auto;max-width:100%;position:relative}
.scroll.faded{-webkit-mask-image:linear-gradient(to left,transparent,#000 3.5rem);mask-image:linear-gradient(to left,transparent,#000 3.5rem)}
.unfold{display:inline-block;margin-top:.6rem;padding:.25rem 0;font-size:.875rem;color:var(--muted);cursor:pointer}
.unfold input{margin:0 .35rem 0 0;vertical-align:-.1em;accent-color:var(--originals)}
@media screen{.fold:not(:has(.unfold input:checked)) .more{display:none}}
.scroll td,.scroll th{white-space:nowrap}
.scroll thead th{white-space:normal;min-width:4.5rem}
.scroll .wraps td{white-space:normal;min-width:6.5rem}
@media (max-width:40rem){
.scroll tbody th[scope=row]{white-space:normal;min-width:8rem;max-width:10rem}
.scroll thead th:nth-child(n+4){min-width:9rem}
.scroll .interval{display:block;color:var(--muted);font-size:.8125rem;font-weight:400}
}
.audit{font-size:.875rem}
.audit th,.audit td{padding:.36rem 0 .36rem .9rem}
.audit tr>:first-child{padding-left:0;position:sticky;left:0;background:var(--background)}
.audit tbody th[scope=row]{padding-left:1.25rem;text-indent:-1.25rem;padding-right:.5rem}
.audit th[scope=rowgroup]{padding-top:1rem;color:var(--muted);font-size:.8125rem}
.audit th[scope=rowgroup] span{position:sticky;left:0}
.audit tbody th[scope=row]::before{content:"";display:inline-block;width:.625rem;height:.625rem;margin-right:.625rem;background:var(--mark);clip-path:circle(50%)}
.audit tbody .heldOut th::before{clip-path:polygon(50% 0,100% 50%,50% 100%,0 50%)!important}
.audit tbody .noise th::before{clip-path:inset(8%)!important}
.audit tbody .average th::before,.audit tbody .reconstructions th::before,.audit tbody .fineTuned th::before{clip-path:polygon(50% 0,100% 95%,0 95%)!important}
.audit tbody .gaussian th::before{clip-path:polygon(50% 0,62% 36%,100% 38%,69% 60%,80% 97%,50% 75%,20% 97%,31% 60%,0 38%,38% 36%)!important}
.audit tbody .references th::before,.audit tbody .latent th::before{clip-path:polygon(20% 0,50% 32%,80% 0,100% 20%,68% 50%,100% 80%,80% 100%,50% 68%,20% 100%,0 80%,32% 50%,0 20%)!important}
.audit .samples th,.audit .samples td{font-weight:650;background:var(--tint)}
.results td{white-space:nowrap}
@media (min-width:58rem){.results tbody th{white-space:nowrap}}
.results tbody th{padding-left:1.25rem;text-indent:-1.25rem}
.results tbody th::before{content:"";display:inline-block;width:.625rem;height:.625rem;margin-right:.625rem;border-radius:50%;background:var(--mark)}
.results .ensemble th::before{height:0;border-radius:0;border-top:2px dashed var(--mark);background:none;vertical-align:.25em}
.results .samples th{font-weight:650}
.originals{--mark:var(--originals)}.ensemble{--mark:var(--ensemble)}
.reconstructions{--mark:var(--reconstructions)}.samples{--mark:var(--samples)}
.heldOut{--mark:var(--heldOut)}.references{--mark:var(--references)}.fineTuned{--mark:var(--fineTuned)}
.noise{--mark:var(--noise)}.average{--mark:var(--average)}.gaussian{--mark:var(--gaussian)}.latent{--mark:var(--latent)}
.trained{--mark:var(--trained)}
.note,figcaption{color:var(--muted);font-size:.9375rem;line-height:1.55;max-width:43rem}
.note{margin-top:.9rem}
figure{margin:2.5rem 0 0;break-inside:avoid}
figcaption strong{color:var(--ink);font-weight:650}
figure svg{display:block;width:100%;height:auto;margin-bottom:.75rem}
figure .narrow{display:none}
.tip{position:fixed;z-index:1;max-width:min(22rem,calc(100vw - 16px));padding:.35rem .6rem;border-radius:.35rem;background:var(--ink);color:var(--background);font-size:.8125rem;line-height:1.4;white-space:pre-line;pointer-events:none;font-variant-numeric:tabular-nums}
.tip[hidden]{display:none}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem 1.5rem;align-items:start}
.panels svg{max-width:30rem}
.changes{margin:0;padding-left:1.25rem;font-size:.9375rem;overflow-wrap:anywhere}
.findings{margin:1.25rem 0 0}
.findings div{display:grid;grid-template:auto 1fr/11rem 1fr;gap:0 1.75rem;padding:1.1rem 0;border-top:1px solid var(--rule);break-inside:avoid}
.findings dt{font-size:.875rem;color:var(--muted)}
.findings dd{margin:0}
.findings .value{grid-column:1;font-size:1.625rem;line-height:1.25;letter-spacing:-.015em;font-weight:600;font-variant-numeric:tabular-nums}
.findings .meaning{grid-column:2;grid-row:1/span 2;max-width:36rem}
.run th{width:13rem;color:var(--muted);vertical-align:baseline}
.run td{text-align:left;overflow-wrap:anywhere;white-space:pre-wrap}
.run tr{break-inside:avoid}
.cost{max-width:34rem}
.cost th{width:18rem}
.cost th,.cost td{padding-top:.4rem;padding-bottom:.4rem}
.copied{position:relative;margin:0 0 1rem}
.copied button{position:absolute;top:.6rem;right:.6rem;padding:.2rem .7rem;border:1px solid var(--muted);border-radius:.35rem;background:var(--background);color:var(--ink);font:inherit;font-size:.8125rem;cursor:pointer}
.copied button[hidden]{display:none}
details>.copied{margin-top:.75rem}
pre{margin:0;padding:1rem 1.15rem;border-radius:.5rem;background:var(--tint);font:.8125rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
white-space:pre-wrap;overflow-wrap:anywhere;tab-size:2}
.copied pre{padding-right:5rem}
@media screen and (max-width:49rem){
.page{padding:2rem 1rem 3.5rem}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
h2{margin-top:3rem}
figure .wide{display:none}
figure .narrow{display:block;max-width:28rem}
.findings div{grid-template:none;gap:.1rem}
.findings .meaning{grid-column:1;grid-row:auto;margin-top:.3rem}
.results thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.results,.results tbody,.results tr,.results th,.results td{display:block}
.results tr{padding:.8rem 0}
.results tbody th{padding:0 0 .3rem 1.25rem;font-weight:650}
.results td{display:flex;justify-content:space-between;padding:.1rem 0}
.results td::before{content:attr(data-label);color:var(--muted);font-weight:400}
.run th{width:7.5rem}
.cost th{width:60%}
}
@media print{
@page{margin:18mm 16mm}
html{font-size:10pt}
.page{max-width:none;padding:0}
nav,.unfold,.copied button,.tip{display:none}
details::details-content{content-visibility:visible;block-size:auto}
h2,h3{break-after:avoid}
h2{margin-top:2rem}
pre{border:1px solid var(--rule);background:none}
}
`.trim();
