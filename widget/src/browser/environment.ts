import type { Environment, EnvironmentEvent } from "../core";

export const browserEnvironment: Environment = {
  isOnline: () => navigator.onLine,
  isVisible: () => document.visibilityState === "visible",
  listen: (listener) => {
    const stop = new AbortController();
    const { signal } = stop;
    const on = (type: string, event: EnvironmentEvent) =>
      window.addEventListener(type, () => listener(event), { signal });
    on("online", "online");
    on("offline", "offline");
    on("focus", "focus");
    on("pageshow", "focus");
    const shown = () => document.visibilityState === "visible" && listener("focus");
    document.addEventListener("visibilitychange", shown, { signal });
    return () => stop.abort();
  },
};
