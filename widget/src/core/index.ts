export type * from "./api";
export type * from "./ports";
export type * from "./protocol";
export { createSellerDesk } from "./seller/seller-desk";
export { createVisitorChat } from "./visitor/visitor-chat";
