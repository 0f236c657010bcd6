// Time that only we move. A wait costs nothing; a busy wait ends, since asking for the time takes time.

const LONGEST_WAIT = 60000;
const BRISK = 3000; // timers fired after which the rest are slowed down
const MOST_FIRED = 5000;
const clock = bare({ now: 0, start: 0, asked: 0, fired: 0, serial: 0, timers: [] });

const RealDate = Date;
const wear = () => {
  if (++clock.asked > 200) clock.now += 1;
};
const tick = () => {
  looked.time = true;
  wear();
  return clock.start + floor(clock.now);
};
const Date_ = function Date(...given) {
  if (!new.target) return new RealDate(tick()).toString();
  return Reflect.construct(RealDate, given.length ? given : [tick()], new.target);
};
setPrototype(Date_, RealDate);
defineProperty(Date_, 'prototype', { __proto__: null, value: RealDate.prototype, writable: false });
defineProperty(Date_, 'length', { __proto__: null, value: 7, configurable: true });
for (const name of ['now', 'parse', 'UTC']) expose(name, name === 'now' ? () => tick() : RealDate[name], { on: Date_ });
defineProperty(RealDate.prototype, 'constructor', { __proto__: null, value: Date_, writable: true, configurable: true });
disguise(Date_, 'Date');
defineProperty(window, 'Date', { __proto__: null, value: Date_, writable: true, configurable: true });

// Whoever asks for something later is remembered: what happens then is theirs.
const owned = (work) => {
  const script = state.script;
  return (self, given) => {
    const before = state.script;
    state.script = script;
    try {
      return typeof work === 'function' ? apply(work, self, given) : runText(asText(work));
    } catch (error) {
      failed(error);
      return undefined;
    } finally {
      state.script = before;
    }
  };
};
const later = (work, delay, every, given) => {
  let wait = Number_(delay) || 0;
  if (!(wait > 0)) wait = 0;
  if (clock.fired > 5) wait = wait < 4 ? 4 : wait;
  if (clock.fired > BRISK && wait < 1000) wait = 1000;
  const id = ++clock.serial;
  put(clock.timers, bare({ id, at: clock.now + wait, every: every ? (wait < 4 ? 4 : wait) : 0, work: owned(work), script: state.script, given, fired: 0 }));
  return id;
};
const forget = (id) => {
  const rest = [];
  for (let i = 0; i < clock.timers.length; i++) if (clock.timers[i].id !== id) put(rest, clock.timers[i]);
  clock.timers = rest;
};
const nextTimer = () => {
  let best = null;
  for (let i = 0; i < clock.timers.length; i++) {
    const timer = clock.timers[i];
    if (best === null || timer.at < best.at || (timer.at === best.at && timer.id < best.id)) best = timer;
  }
  return best;
};
const fire = (timer) => {
  if (clock.now < timer.at) clock.now = timer.at;
  clock.asked = 0;
  clock.fired++;
  timer.fired++;
  if (timer.every) {
    const slow = timer.fired > 500 || clock.fired > BRISK ? 1000 : 0;
    timer.at = clock.now + (timer.every > slow ? timer.every : slow);
  } else forget(timer.id);
  timer.work(window, timer.given);
  state.script = timer.script; // what it promised is settled before anything else happens
};

exposeAll({
  setTimeout(work, delay = 0, ...given) { return later(work, delay, false, given); },
  setInterval(work, delay = 0, ...given) { return later(work, delay, true, given); },
  clearTimeout(id) { forget(id); },
  clearInterval(id) { forget(id); },
  requestAnimationFrame(work) {
    return later((at) => apply(work, window, [clock.now]), clock.fired > 120 ? 500 : 16, false, []);
  },
  cancelAnimationFrame(id) { forget(id); },
  requestIdleCallback(work) {
    const deadline = { didTimeout: false, timeRemaining: disguise(() => 40, 'timeRemaining') };
    return later(() => apply(work, window, [deadline]), 50, false, []);
  },
  cancelIdleCallback(id) { forget(id); },
  queueMicrotask(work) {
    const run = owned(work);
    Promise.resolve().then(() => run(window, []));
  },
});
