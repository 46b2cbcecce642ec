import type {
  Broadcast,
  Cancel,
  Environment,
  EnvironmentEvent,
  Http,
  KeyValueStore,
  Locks,
  Ports,
  Sockets,
} from "../../src/core";
import type { Chance } from "./chance";
import type { FakeClock } from "./clock";

/** What its tabs reach through the network. */
export interface Network {
  readonly sockets: Sockets;
  readonly http: Http;
}

export interface Tab {
  readonly ports: Ports;
  setOnline(online: boolean): void;
  setPageVisible(visible: boolean): void;
  focus(): void;
  /** As when a person closes it, or reloads: no callback of it ever runs again. */
  kill(): void;
}

/** A browser: storage that outlives its tabs, and tabs that share storage, locks and broadcasts. */
export interface Device {
  readonly stored: Map<string, string>;
  openTab(network?: Network): Tab;
}

interface Holder {
  held(): void;
}

export function createDevice(clock: FakeClock, chance: Chance, network: Network, broadcastDelay = () => 0): Device {
  const stored = new Map<string, string>();
  const listeners = new Map<object, Set<(message: unknown) => void>>();
  const queues = new Map<string, Holder[]>();

  const store: KeyValueStore = {
    get: (key) => stored.get(key),
    set: (key, value) => void stored.set(key, value),
    remove: (key) => void stored.delete(key),
    keys: (prefix) => [...stored.keys()].filter((key) => key.startsWith(prefix)),
  };

  function acquire(name: string, holder: Holder): Cancel {
    const queue = queues.get(name) ?? [];
    queues.set(name, queue);
    queue.push(holder);
    const grant = () => {
      const first = queue[0];
      if (first) clock.after(0, () => queue[0] === first && first.held());
    };
    if (queue.length === 1) grant();
    return () => {
      const place = queue.indexOf(holder);
      if (place < 0) return;
      queue.splice(place, 1);
      if (place === 0) grant();
    };
  }

  function openTab(reached: Network = network): Tab {
    let alive = true;
    let online = true;
    let visible = true;
    const heard = new Set<(event: EnvironmentEvent) => void>();
    const own = new Set<(message: unknown) => void>();
    const held = new Set<Cancel>();
    const cuts = new Set<Cancel>();
    listeners.set(own, own);

    const whileAlive =
      <Arguments extends unknown[]>(callback: (...given: Arguments) => void) =>
      (...given: Arguments) => {
        if (alive) callback(...given);
      };

    const broadcast: Broadcast = {
      post: (message) => {
        const copy = JSON.stringify(message);
        for (const [tab, others] of listeners) {
          if (tab === own) continue;
          clock.after(broadcastDelay(), () => {
            for (const listener of [...others]) listener(JSON.parse(copy));
          });
        }
      },
      listen: (listener) => {
        own.add(listener);
        return () => own.delete(listener);
      },
    };

    const locks: Locks = {
      acquire: (name, callback) => {
        const release = acquire(name, { held: whileAlive(callback) });
        held.add(release);
        return () => {
          held.delete(release);
          release();
        };
      },
    };

    const environment: Environment = {
      isOnline: () => online,
      isVisible: () => visible,
      listen: (listener) => {
        heard.add(listener);
        return () => heard.delete(listener);
      },
    };

    const sockets: Sockets = {
      open: (url, protocols, listener) => {
        const socket = reached.sockets.open(url, protocols, {
          opened: whileAlive(listener.opened),
          received: whileAlive(listener.received),
          closed: whileAlive(listener.closed),
        });
        cuts.add(socket.close);
        return socket;
      },
    };

    const tell = (event: EnvironmentEvent) => {
      for (const listener of [...heard]) listener(event);
    };

    return {
      ports: {
        clock: { now: clock.now, after: (milliseconds, callback) => clock.after(milliseconds, whileAlive(callback)) },
        random: chance,
        store,
        sockets,
        http: { request: (request) => reached.http.request(request).finally(() => alive || new Promise(() => {})) },
        broadcast,
        locks,
        environment,
      },
      setOnline: (next) => {
        online = next;
        tell(next ? "online" : "offline");
      },
      setPageVisible: (next) => {
        visible = next;
        if (next) tell("focus");
      },
      focus: () => tell("focus"),
      kill: () => {
        alive = false;
        listeners.delete(own);
        for (const release of held) release();
        for (const cut of cuts) cut();
      },
    };
  }

  return { stored, openTab };
}
