// Events: listeners, handlers in attributes and properties, and the few kinds that scripts look at.

let eventOf;
class Event {
  #e;
  static { eventOf = (event) => event.#e; }
  constructor(type, init = {}) {
    this.#e = { __proto__: null, type: asText(type), target: null, current: null, stop: false, halt: false,
      prevented: false, bubbles: !!init.bubbles, cancelable: !!init.cancelable, trusted: false,
      phase: 0, path: [], at: clock.now };
  }
  get type() { return this.#e.type; }
  get target() { return this.#e.target; }
  get srcElement() { return this.#e.target; }
  get currentTarget() { return this.#e.current; }
  get bubbles() { return this.#e.bubbles; }
  get cancelable() { return this.#e.cancelable; }
  get defaultPrevented() { return this.#e.prevented; }
  get returnValue() { return !this.#e.prevented; }
  set returnValue(value) { if (value === false) this.#e.prevented = true; }
  get cancelBubble() { return this.#e.stop; }
  set cancelBubble(value) { if (value) this.#e.stop = true; }
  get isTrusted() { return this.#e.trusted; }
  get eventPhase() { return this.#e.phase; }
  get timeStamp() { return this.#e.at; }
  get composed() { return true; }
  composedPath() { return [...this.#e.path]; }
  preventDefault() { this.#e.prevented = true; }
  stopPropagation() { this.#e.stop = true; }
  stopImmediatePropagation() { this.#e.stop = this.#e.halt = true; }
  initEvent(type, bubbles, cancelable) {
    this.#e.type = asText(type);
    this.#e.bubbles = !!bubbles;
    this.#e.cancelable = !!cancelable;
  }
}
const kinds = bare({ Event });
const kindOf = (name, Base, fields) => {
  const made = { [name]: class extends Base {
    #more;
    constructor(type, init = {}) {
      super(type, init);
      this.#more = { ...fields, ...init };
    }
    static { this.read = (event, field) => event.#more[field]; }
  } }[name];
  const read = made.read;
  delete made.read;
  for (const field of getOwnNames(fields)) {
    defineProperty(made.prototype, field, {
      __proto__: null, enumerable: true, configurable: true,
      get: { [field]() { return read(this, field); } }[field],
    });
  }
  kinds[name] = made;
  return made;
};
const UIEvent = kindOf('UIEvent', Event, { view: null, detail: 0, which: 0 });
const MOUSE = { clientX: 180, clientY: 320, pageX: 180, pageY: 320, screenX: 180, screenY: 420, button: 0,
  buttons: 1, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, relatedTarget: null };
const MouseEvent = kindOf('MouseEvent', UIEvent, MOUSE);
const PointerEvent = kindOf('PointerEvent', MouseEvent, { pointerId: 1, pointerType: 'mouse', isPrimary: true });
const KeyboardEvent = kindOf('KeyboardEvent', UIEvent, { key: '', code: '', keyCode: 0 });
const TouchEvent = kindOf('TouchEvent', UIEvent, { touches: [], targetTouches: [], changedTouches: [] });
kindOf('CustomEvent', Event, { detail: null });
const MessageEvent = kindOf('MessageEvent', Event, { data: null, origin: '', source: null, ports: [] });
const PopStateEvent = kindOf('PopStateEvent', Event, { state: null });
kindOf('HashChangeEvent', Event, { oldURL: '', newURL: '' });
kindOf('PageTransitionEvent', Event, { persisted: false });
kindOf('ProgressEvent', Event, { loaded: 0, total: 0, lengthComputable: false });
kindOf('StorageEvent', Event, { key: null, newValue: null, oldValue: null, url: '' });
kindOf('ErrorEvent', Event, { message: '', filename: '', lineno: 0, colno: 0, error: null });
kindOf('PromiseRejectionEvent', Event, { promise: null, reason: null });
kindOf('FocusEvent', UIEvent, { relatedTarget: null });
kindOf('InputEvent', UIEvent, { data: null, inputType: '' });
kindOf('WheelEvent', MouseEvent, { deltaX: 0, deltaY: 0 });
kindOf('SubmitEvent', Event, { submitter: null });
kindOf('AnimationEvent', Event, { animationName: '' });
kindOf('TransitionEvent', Event, { propertyName: '' });
kindOf('BeforeUnloadEvent', Event, {});
for (const name in kinds) expose(name, kinds[name]);

const listening = new WeakMap(); // the window is no object of ours to hang a field on
const listenersOf = (target) => {
  let found = mapGet(listening, target);
  if (!found) mapSet(listening, target, (found = bare({ list: [], handlers: bare({}) })));
  return found;
};
class EventTarget {
  addEventListener(type, work, options) {
    const target = this === undefined || this === null ? window : this;
    if (work === null || (typeof work !== 'function' && typeof work !== 'object')) return;
    const all = listenersOf(target);
    const capture = typeof options === 'object' && options !== null ? !!options.capture : !!options;
    for (let i = 0; i < all.list.length; i++) {
      const one = all.list[i];
      if (one.type === type && one.work === work && one.capture === capture) return;
    }
    const call = owned(function (event) {
      return typeof work === 'function' ? apply(work, this, [event]) : work.handleEvent(event);
    });
    put(all.list, bare({ type: asText(type), work, capture, call, single: !!(options && options.once) }));
  }
  removeEventListener(type, work) {
    const all = listenersOf(this === undefined || this === null ? window : this);
    const rest = [];
    for (let i = 0; i < all.list.length; i++) {
      if (all.list[i].type !== type || all.list[i].work !== work) put(rest, all.list[i]);
    }
    all.list = rest;
  }
  dispatchEvent(event) {
    return send(this === undefined || this === null ? window : this, event);
  }
}
expose('EventTarget', EventTarget);

const MOST_NESTED = 40;
const send = (target, event) => {
  const e = eventOf(event);
  if (++state.depth > MOST_NESTED) {
    state.depth--;
    return true;
  }
  e.target = target;
  e.path = pathOf(target);
  try {
    for (let i = e.path.length - 1; i >= 0 && !e.stop; i--) call(e.path[i], event, e, true);
    for (let i = 0; i < e.path.length && !e.stop && (i === 0 || e.bubbles); i++) call(e.path[i], event, e, false);
  } finally {
    state.depth--;
    e.current = null;
    e.stop = e.halt = false;
  }
  return !e.prevented;
};
const call = (target, event, e, capturing) => {
  const all = mapGet(listening, target);
  e.current = target;
  e.phase = capturing ? 1 : target === e.target ? 2 : 3;
  if (!capturing) {
    const handler = handlerOf(target, e.type, all);
    if (handler && handler(target, [event]) === false) e.prevented = true;
  }
  if (!all) return;
  const list = all.list;
  for (let i = 0; i < list.length && !e.halt; i++) {
    const one = list[i];
    if (one.type !== e.type || one.capture !== capturing) continue;
    if (one.single) all.list = without(all.list, one);
    one.call(target, [event]);
  }
};
// Attributes of the body that are the window's handlers.
const FROM_BODY = ['load', 'popstate', 'hashchange', 'beforeunload', 'unload', 'resize', 'message', 'pageshow', 'pagehide', 'storage', 'focus', 'blur', 'scroll'];
const handlerOf = (target, type, all) => {
  const set = all && all.handlers[type];
  if (set) return set.call;
  if (target === window && !FROM_BODY.includes(type)) return null;
  const text = attributeOf(target, `on${lower(type)}`);
  if (text === null || text === undefined || seenTag(target) === 'script') return null;
  try {
    return owned(runText(`(function(event){${text}\n})`));
  } catch (error) {
    failed(error);
    return null;
  }
};
const HANDLERS = ['abort', 'animationend', 'beforeunload', 'blur', 'change', 'click', 'contextmenu',
  'DOMContentLoaded', 'error', 'focus', 'hashchange', 'input', 'keydown', 'keyup', 'keypress', 'load', 'message',
  'mousedown', 'mousemove', 'mouseout', 'mouseover', 'mouseup', 'pagehide', 'pageshow', 'pointerdown',
  'pointerup', 'popstate', 'readystatechange', 'resize', 'scroll', 'submit', 'touchend', 'touchmove',
  'touchstart', 'unload', 'visibilitychange', 'wheel', 'transitionend', 'mouseenter', 'mouseleave',
  'storage', 'unhandledrejection', 'loadend', 'loadstart', 'progress', 'timeout', 'open', 'close'];
const handlers = HANDLERS.map((type) => [`on${lower(type)}`, {
  __proto__: null, enumerable: true, configurable: true,
  get: disguise(function () {
    const set = listenersOf(this || window).handlers[type];
    return set ? set.work : null;
  }, `get on${lower(type)}`),
  set: disguise(function (work) {
    const all = listenersOf(this || window);
    if (typeof work === 'function') all.handlers[type] = bare({ work, call: owned(work) });
    else delete all.handlers[type];
  }, `set on${lower(type)}`),
}]);
const giveHandlers = (on) => {
  for (let i = 0; i < handlers.length; i++) defineProperty(on, handlers[i][0], handlers[i][1]);
};
const tell = (target, type, Kind = Event, init = {}) => {
  const event = new Kind(type, { bubbles: true, cancelable: true, view: window, ...init });
  eventOf(event).trusted = true;
  return send(target, event);
};
