// Whatever would ask somebody something: recorded, never sent, answered with nothing.

const blobText = (blob) => (blob && blobTexts.has(blob) ? mapGet(blobTexts, blob) : '');
const blobTexts = new WeakMap();
class Blob {
  constructor(parts = [], options = {}) {
    let text = '';
    for (const part of parts) text += typeof part === 'string' ? part : blobText(part);
    mapSet(blobTexts, this, text);
    this.type = asText(options.type ?? '');
  }
  get size() { return blobText(this).length; }
  text() { return Promise.resolve(blobText(this)); }
  arrayBuffer() { return Promise.resolve(new ArrayBuffer(0)); }
  slice() { return new Blob(); }
}
class File extends Blob {}
class FormData {
  #all = [];
  append(name, value) { put(this.#all, [asText(name), value]); }
  set(name, value) { this.delete(name); this.append(name, value); }
  get(name) { return (this.#all.find((pair) => pair[0] === name) || [null, null])[1]; }
  has(name) { return this.#all.some((pair) => pair[0] === name); }
  delete(name) { this.#all = this.#all.filter((pair) => pair[0] !== name); }
  entries() { return this.#all[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}
class Headers {
  #all = bare({});
  constructor(init = {}) { for (const [name, value] of isArray(init) ? init : Object.entries(init ?? {})) this.append(name, value); }
  get(name) { return this.#all[lower(asText(name))] ?? null; }
  has(name) { return lower(asText(name)) in this.#all; }
  set(name, value) { this.#all[lower(asText(name))] = asText(value); }
  append(name, value) { this.set(name, value); }
  delete(name) { delete this.#all[lower(asText(name))]; }
  forEach(each) { for (const name in this.#all) each(this.#all[name], name, this); }
  entries() { return Object.entries(this.#all)[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}
let responseOf;
class Response {
  #r;
  static { responseOf = (one) => (typeof one === 'object' && one !== null && #r in one ? one.#r : null); }
  constructor(body = '', init = {}) { this.#r = { body: typeof body === 'string' ? body : blobText(body), status: init.status ?? 200, url: init.url ?? '', headers: new Headers(init.headers) }; }
  static redirect(address, status = 302) { return new Response('', { status, headers: { location: resolve(address) } }); }
  static error() { return new Response('', { status: 0 }); }
  static json(value, init) { return new Response(JSON.stringify(value), init); }
  get ok() { return this.#r.status >= 200 && this.#r.status < 300; }
  get status() { return this.#r.status; }
  get statusText() { return this.ok ? 'OK' : ''; }
  get url() { return this.#r.url; }
  get type() { return 'basic'; }
  get redirected() { return false; }
  get headers() { return this.#r.headers; }
  get body() { return null; }
  get bodyUsed() { return false; }
  clone() { return this; }
  text() { return Promise.resolve(this.#r.body); }
  json() { return Promise.resolve(this.#r.body).then((text) => (text ? parseJson(text) : {})); }
  blob() { return Promise.resolve(new Blob([this.#r.body])); }
  arrayBuffer() { return Promise.resolve(new ArrayBuffer(0)); }
  formData() { return Promise.resolve(new FormData()); }
}
class Request {
  constructor(address, init = {}) {
    this.url = resolve(address && address.url ? address.url : address);
    this.method = init.method ?? 'GET';
    this.mode = init.mode ?? 'cors';
    this.headers = new Headers(init.headers);
    this.destination = init.destination ?? '';
  }
  clone() { return this; }
}
class XMLHttpRequestEventTarget extends EventTarget {}
class XMLHttpRequest extends XMLHttpRequestEventTarget {
  #at = '';
  readyState = 0;
  status = 0;
  statusText = '';
  responseText = '';
  response = '';
  responseURL = '';
  responseType = '';
  responseXML = null;
  timeout = 0;
  withCredentials = false;
  upload = new EventTarget();
  open(method, address) {
    this.#at = resolve(address);
    this.readyState = 1;
  }
  setRequestHeader() {}
  overrideMimeType() {}
  getResponseHeader() { return null; }
  getAllResponseHeaders() { return ''; }
  abort() { this.readyState = 0; }
  send() {
    once('asked', this.#at);
    later(() => {
      this.readyState = 4;
      this.status = 200;
      this.statusText = 'OK';
      this.responseURL = this.#at;
      for (const type of ['readystatechange', 'load', 'loadend']) tell(this, type, kinds.ProgressEvent, { bubbles: false });
    }, 60, false, []);
  }
}
for (const [name, value] of [['UNSENT', 0], ['OPENED', 1], ['HEADERS_RECEIVED', 2], ['LOADING', 3], ['DONE', 4]]) {
  for (const on of [XMLHttpRequest, XMLHttpRequest.prototype]) defineProperty(on, name, { __proto__: null, value, enumerable: true });
}
giveHandlers(XMLHttpRequestEventTarget.prototype);
class Channel extends EventTarget {
  readyState = 0;
  bufferedAmount = 0;
  constructor(address) {
    super();
    once('asked', resolve(address));
  }
  send() {}
  close() {}
  postMessage() {}
  terminate() {}
  start() {}
}
giveHandlers(Channel.prototype);
for (const name of ['WebSocket', 'EventSource', 'Worker', 'SharedWorker', 'BroadcastChannel']) {
  const made = { [name]: class extends Channel {} }[name];
  expose(name, made);
}
class MessagePort extends EventTarget {
  postMessage(data) { const to = this.other; later(() => tell(to, 'message', MessageEvent, { data, bubbles: false }), 0, false, []); }
  start() {}
  close() {}
}
giveHandlers(MessagePort.prototype);
class MessageChannel {
  port1 = new MessagePort();
  port2 = new MessagePort();
  constructor() {
    defineProperty(this.port1, 'other', { __proto__: null, value: this.port2 });
    defineProperty(this.port2, 'other', { __proto__: null, value: this.port1 });
  }
}
const registration = { scope: '/', active: { postMessage: nothing, state: 'activated', scriptURL: '', addEventListener: nothing }, installing: null, waiting: null, update: () => Promise.resolve(registration),
  unregister: () => Promise.resolve(true), addEventListener: nothing, pushManager: { subscribe: () => Promise.reject(new DOMException('denied', 'NotAllowedError')), getSubscription: () => Promise.resolve(null) }, showNotification: () => Promise.resolve() };
const workers = { controller: null, ready: Promise.resolve(registration), addEventListener: nothing, removeEventListener: nothing, onmessage: null,
  register: disguise((address) => {
    note('workers', `{"url":${quoted(resolve(address))},"script":${state.script}}`);
    return Promise.resolve(registration);
  }, 'register'),
  getRegistration: disguise(() => Promise.resolve(undefined), 'getRegistration'),
  getRegistrations: disguise(() => Promise.resolve([]), 'getRegistrations') };
record.workers = '';

// Observers see what they look at at once: everything is in view.
const observer = (name, entry, once_ = true) => expose(name, { [name]: class {
  #tell;
  constructor(work) { this.#tell = owned(work); }
  observe(node) { if (once_) later(() => this.#tell(window, [[entry(node)], this]), 10, false, []); }
  unobserve() {}
  disconnect() {}
  takeRecords() { return []; }
} }[name]);
const seenWhole = (node) => ({ target: node, isIntersecting: true, intersectionRatio: 1, time: clock.now,
  boundingClientRect: node && node.getBoundingClientRect ? node.getBoundingClientRect() : null, contentRect: { width: 300, height: 150 } });
observer('IntersectionObserver', seenWhole);
observer('ResizeObserver', seenWhole);
// A page changes while it is read, and afterwards: who waits for that is told of one change.
observer('MutationObserver', (node) => ({ type: 'childList', target: node, addedNodes: [], removedNodes: [],
  attributeName: null, oldValue: null, previousSibling: null, nextSibling: null }));
observer('PerformanceObserver', seenWhole, false);
window.PerformanceObserver.supportedEntryTypes = [];

class AbortSignal extends EventTarget {
  aborted = false;
  static timeout() { return new AbortSignal(); }
  throwIfAborted() {}
}
class AbortController {
  signal = new AbortSignal();
  abort() { this.signal.aborted = true; tell(this.signal, 'abort'); }
}
class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(text = '') {
    const bytes = unescape(encodeURIComponent(asText(text)));
    return Uint8Array.from(bytes, (letter) => letter.charCodeAt(0));
  }
}
class TextDecoder {
  get encoding() { return 'utf-8'; }
  decode(bytes) {
    let text = '';
    for (const byte of new Uint8Array(bytes && bytes.buffer ? bytes.buffer : bytes || 0)) text += String.fromCharCode(byte);
    try {
      return decodeURIComponent(escape(text));
    } catch {
      return text;
    }
  }
}
class DOMParser {
  parseFromString(html) {
    const holder = makeElement('html');
    fill(holder, asText(html));
    const body = holder.querySelector('body') || holder;
    defineProperty(holder, 'documentElement', { __proto__: null, value: holder });
    defineProperty(holder, 'body', { __proto__: null, value: body });
    return holder;
  }
}
class XMLSerializer {
  serializeToString(node) { return outerOf(node); }
}
class Notification extends EventTarget {
  static get permission() { return 'default'; }
  static requestPermission() { return Promise.resolve('denied'); }
}
for (const [name, value] of Object.entries({ Blob, File, FormData, Headers, Response, Request, XMLHttpRequestEventTarget, XMLHttpRequest,
  MessagePort, MessageChannel, AbortSignal, AbortController, TextEncoder, TextDecoder, DOMParser, XMLSerializer, Notification })) expose(name, value);
exposeAll({
  fetch(address) {
    const target = resolve(address && address.url ? address.url : address);
    once('asked', target);
    return new Promise((done) => later(() => done(new Response('', { url: target })), 60, false, []));
  },
  importScripts(...addresses) { for (const one of addresses) once('wanted', resolve(one)); },
  createImageBitmap() { return Promise.resolve({}); },
});
let seed = 1;
const chance = () => {
  looked.dice = true;
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) / 4294967296;
};
expose('random', () => chance(), { on: Math });
const crypto_ = lone('Crypto', {
  get subtle() { return { digest: () => Promise.resolve(new ArrayBuffer(32)), importKey: () => Promise.resolve({}), encrypt: () => Promise.resolve(new ArrayBuffer(0)), decrypt: () => Promise.reject(new DOMException('', 'OperationError')) }; },
  getRandomValues(array) {
    for (let i = 0; i < array.length && i < 65536; i++) array[i] = floor(chance() * 4294967296);
    return array;
  },
  randomUUID() {
    return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => floor(chance() * 16).toString(16));
  },
});
const performance_ = lone('Performance', {
  get timeOrigin() { looked.time = true; return clock.start; },
  get timing() {
    looked.time = true;
    const at = (ms) => clock.start + ms;
    return { navigationStart: at(0), fetchStart: at(2), domainLookupStart: at(3), domainLookupEnd: at(9), connectStart: at(9), connectEnd: at(40),
      requestStart: at(41), responseStart: at(90), responseEnd: at(110), domLoading: at(112), domInteractive: at(180), domContentLoadedEventStart: at(181),
      domContentLoadedEventEnd: at(190), domComplete: at(300), loadEventStart: at(301), loadEventEnd: at(305) };
  },
  get navigation() { return { type: 0, redirectCount: 0 }; },
  get memory() { return { jsHeapSizeLimit: 4294705152, totalJSHeapSize: 13000000, usedJSHeapSize: 9000000 }; },
  now() { wear(); return clock.now + 0.1; },
  mark() { return {}; },
  measure() { return { duration: 1 }; },
  clearMarks() {},
  clearMeasures() {},
  getEntries() { return []; },
  getEntriesByType(type) { return type === 'navigation' ? [{ type: 'navigate', entryType: 'navigation', responseStart: 90, domInteractive: 180, loadEventEnd: 305, duration: 305, transferSize: 12000, toJSON: nothing }] : []; },
  getEntriesByName() { return []; },
}, EventTarget);
const console_ = {};
for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table', 'group', 'groupCollapsed', 'groupEnd', 'time', 'timeEnd', 'assert', 'count', 'clear']) {
  console_[name] = disguise({ [name]() {} }[name], name);
}
const elements_ = lone('CustomElementRegistry', { define() {}, get() { return undefined; }, upgrade() {}, whenDefined() { return Promise.resolve(); } });
const css_ = { supports: disguise(() => true, 'supports'), escape: disguise((text) => asText(text), 'escape') };
const idb = { open: disguise(() => ({ addEventListener: nothing, onsuccess: null, onerror: null, result: null }), 'open'), deleteDatabase: disguise(() => ({}), 'deleteDatabase') };
for (const [name, value] of Object.entries({ crypto: crypto_, performance: performance_, console: console_, customElements: elements_, CSS: css_, indexedDB: idb,
  caches: { open: () => Promise.resolve({ match: () => Promise.resolve(undefined), put: () => Promise.resolve(), addAll: () => Promise.resolve(), add: () => Promise.resolve() }), match: () => Promise.resolve(undefined), keys: () => Promise.resolve([]), delete: () => Promise.resolve(true) } })) {
  defineProperty(window, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}
for (const name of ['SharedArrayBuffer', 'WebAssembly']) delete window[name];
