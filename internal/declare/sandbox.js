// The environment in which a project's code is evaluated: the exports of
// @layeron/core and @layeron/modules, and stand-ins for everything that is missing. `host`
// holds the recorder's functions; nothing else of the program is reachable.
(function (host) {
  "use strict";

  const { ORIGIN, MARK_BEGIN, MARK_END } = host;
  const defineProperty = Object.defineProperty;
  const toJSON = JSON.stringify;

  // A module's stand-in lists this as its only own key. esbuild copies the own
  // keys of a module for `import * as x` and `export * from`; defineProperty
  // below answers by making the stand-in the copy's prototype, so that every
  // name is found there.
  const ANY_NAME = "*any name*";

  const nodes = new WeakMap(); // stand-in → its node
  const given = new WeakMap(); // instance of a class that extends a stand-in → constructor arguments
  const declared = new WeakMap(); // declared constant → index of its declaration
  const projects = new WeakMap(); // result of project(...) → its index

  // Node is the proxy handler of one stand-in, and what is known about it.
  class Node {
    constructor(origin, parent) {
      this.origin = origin; // the import it came from
      this.parent = parent; // the stand-in it was read or made from
      this.owner = parent ? parent.owner : undefined; // the backend it belongs to
      this.made = false; // the result of a call or of new
      this.given = []; // arguments of the call that made it, of its methods, and what was assigned
      this.children = new Map();
    }

    get(target, key) {
      if (key === ORIGIN) return this.origin;
      if (key === ANY_NAME) return this.self;
      if (this.children.has(key)) return this.children.get(key);
      if (typeof key === "symbol") return this.symbol(key);
      if (key === "then") return undefined; // so that await does not wait for it
      if (key === "__esModule") return true;
      if (key === "toString" || key === "toJSON") return () => this.text();
      const child = key === "use" && this.owner ? this.use() : standIn(this.origin, this);
      this.children.set(key, child);
      return child;
    }

    symbol(key) {
      if (key === Symbol.toPrimitive) return () => this.text();
      if (key === Symbol.toStringTag) return "StandIn";
      if (key === Symbol.hasInstance) return () => false;
      if (key === Symbol.iterator) return () => Array.from({ length: 8 }, () => standIn(this.origin, this)).values();
      return undefined;
    }

    // text is marked, so that an option made from it is recognised.
    text() {
      return MARK_BEGIN + this.origin + MARK_END;
    }

    use() {
      const { owner, self } = this;
      return (...args) => {
        owner.uses.push(...args);
        return self;
      };
    }

    apply(target, receiver, args) {
      const node = nodes.get(receiver);
      if (node && node.made) node.given.push(...args);
      return this.make(args);
    }

    construct(target, args, newTarget) {
      if (newTarget === this.self) return this.make(args);
      const instance = Object.create(newTarget.prototype);
      given.set(instance, [...args]);
      return instance;
    }

    make(args) {
      const result = standIn(this.origin, this);
      const node = nodes.get(result);
      node.made = true;
      node.given = [...args]; // the engine reuses args
      return result;
    }

    set(target, key, value, receiver) {
      if (receiver !== this.self) {
        return Reflect.defineProperty(receiver, key, { value, writable: true, enumerable: true, configurable: true });
      }
      this.children.set(key, value);
      this.given.push(value);
      return true;
    }

    defineProperty(target, key, descriptor) {
      return this.set(target, key, descriptor.value, this.self);
    }

    has() {
      return true;
    }

    deleteProperty(target, key) {
      this.children.delete(key);
      return key !== "prototype";
    }

    ownKeys() {
      return ["prototype", ANY_NAME];
    }

    getOwnPropertyDescriptor(target, key) {
      return key === "prototype" ? Reflect.getOwnPropertyDescriptor(target, key) : undefined;
    }
  }

  function standIn(origin, parent) {
    const node = new Node(origin, parent);
    node.self = new Proxy(function () {}, node);
    nodes.set(node.self, node);
    return node.self;
  }

  // reach finds the declarations that can be reached from values, through arrays, objects,
  // maps, sets and what was given to stand-ins.
  function reach(values) {
    const queue = [...values];
    const seen = new Set();
    const found = new Set();
    for (let i = 0; i < queue.length; i++) {
      const value = queue[i];
      if (value === null || (typeof value !== "object" && typeof value !== "function") || seen.has(value)) continue;
      seen.add(value);
      if (declared.has(value)) found.add(declared.get(value));
      else for (const next of inside(value)) queue.push(next);
    }
    return [...found];
  }

  function inside(value) {
    if (nodes.has(value)) {
      const all = [];
      for (let node = nodes.get(value); node; node = node.parent) all.push(...node.given);
      return all;
    }
    const all = given.has(value) ? [...given.get(value)] : [];
    if (value instanceof Map || value instanceof Set) value.forEach((item) => all.push(item));
    for (const key of Object.keys(value)) all.push(value[key]);
    return all;
  }

  const backends = [];

  function backend(options) {
    const index = host.declare("backend", options);
    const self = standIn("@layeron/core", undefined);
    nodes.get(self).owner = backends[index] = { index, uses: [] };
    return self;
  }

  function project(options) {
    const result = {};
    projects.set(result, host.declare("project", options));
    return result;
  }

  function reference(name) {
    return refuseMembers({ kind: "secret_ref", name }, "secret_reference");
  }

  // The methods that handlers call on a declared constant exist but do nothing.
  const reading = standIn("a declared secret", undefined);
  const constants = { current: reading, version: reading, at: reading, active: reading };

  function declare(kind) {
    return (options) => {
      const constant = Object.create(constants);
      declared.set(constant, host.declare(kind, options));
      return constant;
    };
  }

  // refuseMembers makes a member that does not exist a diagnostic when it is
  // called.
  function refuseMembers(target, misuse) {
    return new Proxy(target, {
      get(object, key) {
        if (key in object || typeof key === "symbol" || key === "then" || key === "toJSON") return object[key];
        return () => {
          host.misuse(misuse, key);
          return standIn("an unknown member of secret", undefined);
        };
      },
    });
  }

  const products = {
    "@layeron/core": { backend, project, secret: refuseMembers(reference, "secret_reference") },
    "@layeron/modules": {
      secret: refuseMembers({ static: declare("static"), random: declare("random"), generated: declare("generated") }, "secret"),
    },
  };

  function product(name) {
    return Object.assign(Object.create(standIn(name, undefined)), products[name]);
  }

  const entries = [];

  async function run(index, load) {
    const entry = (entries[index] = { backend: -1, project: -1, backends: [backends.length, 0], secrets: [], failed: true });
    try {
      const exported = await load();
      entry.backend = ownerOf(exported.default);
      if (projects.has(exported.default)) entry.project = projects.get(exported.default);
      if (entry.backend < 0) entry.secrets = reach([exported]);
      entry.failed = false;
    } catch (error) {
      host.failed(index, error);
    }
    entry.backends[1] = backends.length;
  }

  // ownerOf finds the backend that a default export is, or that an object such
  // as { fetch: app.fetch } hands its requests to.
  function ownerOf(value) {
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return -1;
    if (nodes.has(value)) return nodes.get(value).owner ? nodes.get(value).owner.index : -1;
    for (const key of Object.keys(value)) {
      const node = nodes.get(value[key]);
      if (node && node.owner) return node.owner.index;
    }
    return -1;
  }

  function finish() {
    return toJSON({ entries, uses: backends.map(({ uses }) => reach(uses)) });
  }

  function nodeModule(name) {
    return name === "process" || name === "node:process" ? globalThis.process : standIn(name, undefined);
  }

  function hide(object, key, value) {
    defineProperty(object, key, { value, writable: true, enumerable: false, configurable: true });
  }

  hide(Object, "defineProperty", function (target, key, descriptor) {
    if (key === ANY_NAME) return Object.setPrototypeOf(target, descriptor.get());
    return defineProperty(target, key, descriptor);
  });
  for (const name of ["freeze", "seal", "preventExtensions"]) {
    const original = Object[name];
    hide(Object, name, (value) => (nodes.has(value) ? value : original(value)));
  }
  for (const name of host.GLOBALS) {
    if (!(name in globalThis)) hide(globalThis, name, standIn("global " + name, undefined));
  }
  globalThis.process.env = {};
  globalThis.process.default = globalThis.process;
  hide(globalThis, "self", globalThis);
  hide(globalThis, "global", globalThis);
  hide(globalThis, "queueMicrotask", (task) => void Promise.resolve().then(task));
  hide(globalThis, Symbol.for(host.SYMBOL), Object.freeze({ run, product, standIn: nodeModule }));

  return finish;
});
