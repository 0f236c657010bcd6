// Markup to nodes and back. Loose where the standard is strict: what a page wrote is parsed again
// outside, by the standard, for what can send its visitor away.

const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/;
const RAW = /^(?:script|style|textarea|title|noscript|xmp|iframe|noembed|noframes)$/;
const TAG = /<(?:!--([\s\S]*?)(?:-->|$)|(\/?)([a-zA-Z][^\s\/>]*)([^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*)>|[!?][^>]*>)/g;
const ATTRIBUTE = /([^\s"'>\/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g;
const ENTITIES = bare({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' });
const plain = (text) => (find(text, '&') < 0 ? text : swap(text, /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,8}));?/gi,
  (all, ten, hex, name) => {
    if (name) return ENTITIES[name] ?? all;
    const code = ten ? Number_(ten) : parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  }));
const escaped = (text) => swap(swap(swap(text, /&/g, '&amp;'), /</g, '&lt;'), />/g, '&gt;');
const outerOf = (node) => {
  const p = P(node);
  if (p.type === 3) return p.parent && RAW.test(P(p.parent).tag) ? p.data : escaped(p.data);
  if (p.type === 8) return `<!--${p.data}-->`;
  let text = '';
  for (const name in p.attrs) text += ` ${name}="${swap(escaped(p.attrs[name]), /"/g, '&quot;')}"`;
  return VOID.test(p.tag) ? `<${p.tag}${text}>` : `<${p.tag}${text}>${p.kids.map(outerOf).join('')}</${p.tag}>`;
};
const attributesOf = (text, attrs) => {
  ATTRIBUTE.lastIndex = 0;
  let found;
  while ((found = exec(ATTRIBUTE, text))) {
    const name = lower(found[1]);
    if (!(name in attrs)) attrs[name] = plain(found[2] ?? found[3] ?? found[4] ?? '');
  }
};
// Calls back for each piece in order: start tags with attributes, text, and end tags.
const tokens = (html, open, text, close) => {
  const tag = new RegExp(TAG.source, 'g');
  let at = 0;
  let found;
  while ((found = exec(tag, html))) {
    if (found.index > at) text(cut(html, at, found.index), true);
    at = tag.lastIndex;
    if (!found[3]) continue;
    const name = lower(found[3]);
    if (found[2]) {
      close(name);
      continue;
    }
    const attrs = { __proto__: null };
    if (found[4]) attributesOf(found[4], attrs);
    open(name, attrs);
    if (RAW.test(name)) {
      const end = new RegExp(`</${name}[\\s/>]|$`, 'gi');
      end.lastIndex = at;
      const stop = exec(end, html).index;
      if (stop > at) text(cut(html, at, stop), false);
      const closed = find(html, '>', stop);
      at = tag.lastIndex = closed < 0 ? html.length : closed + 1;
      close(name);
    }
  }
  if (at < html.length) text(cut(html, at), true);
};
// Fills `top` without running anything.
const MOST_PARSED = 4000;
const fill = (top, html) => {
  let at = top;
  let count = 0;
  const made = [];
  tokens(html, (name, attrs) => {
    if (++count > MOST_PARSED) return;
    if (name === 'html' || name === 'head' || name === 'body') {
      const own = document && top === document.documentElement ? document[name === 'html' ? 'documentElement' : name] : null;
      if (own) {
        for (const key in attrs) P(own).attrs[key] = attrs[key];
        at = own;
      }
      return;
    }
    const node = makeElement(name, false, attrs);
    P(node).started = true;
    put(made, node);
    P(node).parent = at;
    put(P(at).kids, node);
    if (!VOID.test(name) && depthOf(at) < 200) at = node;
  }, (text, decode) => {
    if (count > MOST_PARSED) return;
    const node = makeText(decode ? plain(text) : text);
    P(node).parent = at;
    put(P(at).kids, node);
  }, (name) => {
    for (let up = at; up !== top && up; up = P(up).parent) {
      if (P(up).tag === name) {
        at = P(up).parent || top;
        return;
      }
    }
  });
  return made;
};
const depthOf = (node) => {
  let depth = 0;
  for (let at = node; at && depth < 201; at = P(at).parent) depth++;
  return depth;
};
// innerHTML and its like: scripts in it never run, handlers do.
const write = (parent, html, before) => {
  const holder = make(DocumentFragment, recordOf(11, '#document-fragment'));
  fill(holder, html);
  for (const node of [...P(holder).kids]) insert(parent, node, before);
};

// document.write: markup may come in pieces; it is parsed when no tag and no script is left open.
const written = bare({ text: '', total: 0 });
const MOST_WRITTEN = 1 << 20;
const whole = (text) => {
  if (/<[^>]*$/.test(cut(text, -4096))) return false;
  const opened = text.match(/<(?:script|style|iframe|textarea)[\s>]/gi) || [];
  const closed = text.match(/<\/(?:script|style|iframe|textarea)/gi) || [];
  return opened.length <= closed.length;
};
const writeOut = (text) => {
  written.total += text.length;
  if (written.total > MOST_WRITTEN) {
    state.cut = state.cut || 'written';
    return;
  }
  written.text += text;
  if (whole(written.text)) flushWritten();
};
const flushWritten = () => {
  const html = written.text;
  if (!html) return;
  written.text = '';
  note('written', `{"html":${quoteText(cut(html, 0, 65536))},"script":${state.script}}`);
  if (++state.writing > 30) {
    state.writing--;
    state.cut = state.cut || 'written';
    return;
  }
  try {
    const holder = make(DocumentFragment, recordOf(11, '#document-fragment'));
    for (const node of fill(holder, html)) P(node).started = P(node).tag !== 'script' && P(node).tag !== 'iframe';
    const here = document.currentScript;
    const parent = here && P(here).parent && P(P(here).parent).tag !== 'head' ? P(here).parent : document.body;
    for (const node of [...P(holder).kids]) insert(parent, node, null);
  } finally {
    state.writing--;
  }
};
