export { CHAT } from "./chat-icon";

/** The `d` of SVG paths on 24 by 24; a page carries those that it draws. */
export const DOWN = "m6 9 6 6 6-6";
export const CLOSE = "m6 6 12 12M18 6 6 18";
export const MORE = "M11.5 5h1v.5h-1zm0 6.5h1v.5h-1zm0 6.5h1v.5h-1z";
export const SEND = "M5 12 20 4.5l-4.5 15-4-6.5zM11.5 13 20 4.5";
export const BACK = "m15 6-6 6 6 6";
export const BELL_OFF = "M6 9a6 6 0 0 1 9-5m3 5c0 6 2 7 2 8H7m3 3h4M4 3l17 18";
export const FACE = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 9.5v.5M15 9.5v.5M8.5 14.5c2 2.2 5 2.2 7 0";
export const CLOCK = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3.5 2";
export const REPLIES = "M5 5h14v11H10l-5 4zM9 9h6M9 12h4";

export function Icon({ path }: { readonly path: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
