/** The client core with a browser's ports, for pages that draw their own chat. */
export { createBrowserPorts } from "./browser";
export * from "./core";
