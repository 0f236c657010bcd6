// What the rest of the stub stands on: methods as they were before any page could change them,
// the record of what a page did, and the disguise of our functions.
// Every file here is one part of the same function; a page sees only what is put on the window.

const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const nativeText = uncurry(Function.prototype.toString);
const lower = uncurry(String.prototype.toLowerCase);
const upper = uncurry(String.prototype.toUpperCase);
const trimText = uncurry(String.prototype.trim);
const cut = uncurry(String.prototype.slice);
const codeAt = uncurry(String.prototype.charCodeAt);
const find = uncurry(String.prototype.indexOf);
const exec = uncurry(RegExp.prototype.exec);
const swap = uncurry(String.prototype.replace);
const divide = uncurry(String.prototype.split);
const join = uncurry(Array.prototype.join);
const hasOwn = uncurry(Object.prototype.hasOwnProperty);
const mapGet = uncurry(WeakMap.prototype.get);
const mapSet = uncurry(WeakMap.prototype.set);
const apply = Reflect.apply;
const defineProperty = Object.defineProperty;
const getOwnNames = Object.getOwnPropertyNames;
const getDescriptor = Object.getOwnPropertyDescriptor;
const setPrototype = Object.setPrototypeOf;
const getPrototype = Object.getPrototypeOf;
const quoteText = JSON.stringify; // of a string: no toJSON of anybody is asked
const parseJson = JSON.parse;
const runText = eval; // called by another name: in the global scope
const Text_ = String;
const Number_ = Number;
const floor = Math.floor;
const isArray = Array.isArray;
const TypeError_ = TypeError;
const RangeError_ = RangeError;
const window = globalThis;

// A page may lay a trap on an array's places: once there is one, places are made, not assigned.
let trapped = false;
const put = (list, value) => {
  if (!trapped) return (list[list.length] = value);
  defineProperty(list, list.length, {
    __proto__: null, value, writable: true, enumerable: true, configurable: true,
  });
  return value;
};
const without = (list, value) => {
  const rest = [];
  for (let i = 0; i < list.length; i++) if (list[i] !== value) put(rest, list[i]);
  return rest;
};
const asText = (value) => (typeof value === 'symbol' ? '' : `${value}`);
const bare = (values) => setPrototype(values, null);
const nothing = () => {};

// Which of the things that differ from visit to visit a page looked at; the browser is not among
// them: much of it can be looked at without a call.
const looked = bare({ referrer: false, cookie: false, time: false, dice: false });

// The record is text from the start: no array or object that a page could reach lies in between.
const LONGEST = 4096;
const MOST_RECORDED = 400;
const record = bare({ intents: '', wanted: '', written: '', asked: '', count: 0, room: 1 << 20, errors: 0 });
const state = bare({ script: -1, phase: 'load', cut: '', over: false, depth: 0, writing: 0 });
// What is recorded is written where it can be read from outside too: a page that never ends, or ends
// its process, hides nothing that it did before. First the length, then lines.
const outside = new Uint16Array(1 << 15);
let written_ = 1;
const tellOutside = (list, entry) => {
  const line = `${list} ${entry}\n`;
  if (written_ + line.length > outside.length) return;
  for (let i = 0; i < line.length; i++) outside[written_++] = codeAt(line, i);
  outside[0] = written_;
};
const quoted = (text) => quoteText(cut(text, 0, LONGEST));
const note = (list, entry) => {
  if (record.count++ >= MOST_RECORDED || entry.length > record.room) {
    if (list === 'intents' || list === 'written') state.cut = state.cut || 'record';
    return;
  }
  record.room -= entry.length;
  tellOutside(list, entry);
  record[list] += (record[list] ? ',' : '') + entry;
};
const intend = (how, address, more = '') => {
  note('intents', `{"how":${quoted(how)},"url":${quoted(address)},"script":${state.script},` +
    `"phase":${quoted(state.phase)},"at":${floor(clock.now)}${more}}`);
};
// A script's own mistake is its own; one that our limits made is told.
const failed = (error) => {
  record.errors++;
  try {
    if (error instanceof RangeError_ && find(error.message, 'allocation failed') >= 0) state.cut = state.cut || 'memory';
  } catch {
    // an error that throws when it is looked at
  }
};
const seen = bare({});
const once = (list, address) => {
  const key = `${list} ${address}`;
  if (seen[key]) return;
  seen[key] = true;
  note(list, quoted(address));
};

// `function name() { [native code] }` for what a browser has in native code.
const disguised = new WeakMap();
const disguise = (value, name) => {
  mapSet(disguised, value, name);
  return value;
};
const toString = disguise({
  toString() {
    const name = typeof this === 'function' ? mapGet(disguised, this) : undefined;
    return name === undefined ? nativeText(this) : `function ${name}() { [native code] }`;
  },
}.toString, 'toString');
defineProperty(Function.prototype, 'toString', {
  __proto__: null, value: toString, writable: true, enumerable: false, configurable: true,
});
// A page that lets the engine describe a call's frames itself sees nothing of ours there.
const disguiseClass = (made, name) => {
  disguise(made, name);
  for (const holder of [made, made.prototype]) {
    if (!holder) continue;
    for (const key of getOwnNames(holder)) {
      const found = getDescriptor(holder, key);
      if (typeof found.value === 'function' && key !== 'constructor') disguise(found.value, key);
      if (found.get) disguise(found.get, `get ${key}`);
      if (found.set) disguise(found.set, `set ${key}`);
      if (key !== 'prototype' && holder !== made && !found.enumerable && found.configurable) {
        found.enumerable = key !== 'constructor';
        defineProperty(holder, key, found);
      }
    }
  }
  if (made.prototype) {
    defineProperty(made.prototype, Symbol.toStringTag, {
      __proto__: null, value: name, configurable: true,
    });
  }
};
const expose = (name, value, { on = window, enumerable = false } = {}) => {
  if (typeof value === 'function') {
    if (value.prototype && /^[A-Z]/.test(name)) disguiseClass(value, name);
    else disguise(value, name);
  }
  defineProperty(on, name, {
    __proto__: null, value, writable: true, enumerable, configurable: true,
  });
  return value;
};
const exposeAll = (values, on = window) => {
  for (const name of getOwnNames(values)) {
    const found = getDescriptor(values, name);
    if (found.get || found.set) {
      if (found.get) disguise(found.get, `get ${name}`);
      if (found.set) disguise(found.set, `set ${name}`);
      defineProperty(on, name, found);
    } else {
      expose(name, found.value, { on, enumerable: true });
    }
  }
};
for (const name of ['console', 'Temporal']) delete window[name];
