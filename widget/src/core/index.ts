export type * from "./api";
export type * from "./ports";
export type * from "./protocol";
