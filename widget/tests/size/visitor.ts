export { createBrowserPorts } from "../../src/browser";
export { createVisitorChat } from "../../src/core";
