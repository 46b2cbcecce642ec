import type { Broadcast, Locks } from "../core";

/** BroadcastChannel, opened when it is first used; without it tabs hear of each other from the server alone. */
export function createBrowserBroadcast(name: string): Broadcast {
  let channel: BroadcastChannel | undefined;
  const opened = () => {
    try {
      channel ??= new BroadcastChannel(name);
    } catch {
      // There is none, or not where storage is forbidden.
    }
    return channel;
  };
  return {
    post: (message) => opened()?.postMessage(message),
    listen: (listener) => {
      const heard = ({ data }: MessageEvent) => listener(data);
      opened()?.addEventListener("message", heard);
      return () => channel?.removeEventListener("message", heard);
    },
  };
}

/** Web Locks; without them (pages that are not https, or may not store) every tab goes ahead, which is slower but doubles nothing. */
export const browserLocks: Locks = {
  acquire: (name, held) => {
    const withdrawal = new AbortController();
    const { signal } = withdrawal;
    let release = () => withdrawal.abort();
    const hold = () =>
      new Promise<void>((resolve) => {
        release = resolve;
        if (!signal.aborted) held();
      });
    const granted = navigator.locks ? navigator.locks.request(name, { signal }, hold) : Promise.reject();
    granted.catch(hold);
    return () => release();
  },
};
