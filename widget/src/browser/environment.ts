import type { Environment, EnvironmentEvent } from "../core";

export const browserEnvironment: Environment = {
  isOnline: () => navigator.onLine,
  isVisible: () => document.visibilityState === "visible",
  listen: (listener) => {
    const stop = new AbortController();
    const { signal } = stop;
    const on = (target: EventTarget, type: string, event: EnvironmentEvent) =>
      target.addEventListener(type, () => listener(event), { signal });
    on(window, "online", "online");
    on(window, "offline", "offline");
    on(window, "focus", "focus");
    on(window, "pageshow", "focus");
    const shown = () => document.visibilityState === "visible" && listener("focus");
    document.addEventListener("visibilitychange", shown, { signal });
    return () => stop.abort();
  },
};
