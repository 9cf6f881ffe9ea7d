/** TypeDoc's default theme without its barriers for screen readers and the keyboard. */
import {
  DefaultTheme,
  type DefaultThemeRenderContext,
  JSX,
  type NavigationElement,
  type PageEvent,
  type ProjectReflection,
  type Reflection,
} from "typedoc";

import { accessible, navigationWithOverviews } from "./accessible.ts";

/** TypeDoc takes a theme as a class. */
export class SiteTheme extends DefaultTheme {
  override buildNavigation(project: ProjectReflection): NavigationElement[] {
    return navigationWithOverviews(super.buildNavigation(project));
  }

  /** What stands beside the page lies in landmarks. */
  override getRenderContext(page: PageEvent<Reflection>): DefaultThemeRenderContext {
    const context = super.getRenderContext(page);
    const { settings, pageNavigation } = context;
    const landmark = (tag: "nav" | "section", name: string, content: JSX.Element) =>
      JSX.createElement(tag, { "aria-label": name }, content);
    context.settings = () => landmark("section", "Settings", settings());
    context.pageNavigation = (props) =>
      props.pageSections.some(({ headings }) => headings.length > 0)
        ? landmark("nav", "On this page", pageNavigation(props))
        : pageNavigation(props);
    return context;
  }

  override render(page: PageEvent): string {
    return accessible(super.render(page));
  }
}
