// Lays messages out roughly as Slack does, and does what a person would.
"use strict";
const $ = (id) => document.getElementById(id);
let state = null, shown = "", place = "C1", thread = null, modal = null;

function make(tag, name, ...children) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...children);
  return node;
}

async function act(what, fields = {}) {
  const body = JSON.stringify({ do: what, user: $("user").value, channel: place, ...fields });
  const answer = await fetch("/act", { method: "POST", body });
  const made = await answer.json();
  await refresh();
  return made;
}

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const plain = (text) => text.replace(/&(lt|gt|amp);/g, (entity) => ENTITIES[entity]);

// mrkdwn to nodes; only Slack's own markup in <...> means anything.
function mrkdwn(text) {
  const box = document.createDocumentFragment();
  for (const line of text.split(/(?<=\n)/)) {
    if (line.startsWith(">")) box.append(make("blockquote", "", inline(line.slice(1).trimEnd())));
    else box.append(inline(line));
  }
  return box;
}

function inline(text) {
  const box = document.createDocumentFragment();
  const pattern = /<([^<>]+)>|\*([^*\n]+)\*|(?<!\w)_([^_\n]+)_(?!\w)|`([^`\n]+)`/g;
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    box.append(plain(text.slice(last, match.index)));
    if (match[1]) box.append(special(match[1]));
    else if (match[2]) box.append(make("b", "", inline(match[2])));
    else if (match[3]) box.append(make("i", "", inline(match[3])));
    else box.append(make("code", "", plain(match[4])));
    last = match.index + match[0].length;
  }
  box.append(plain(text.slice(last)));
  return box;
}

function special(inside) {
  const [target, label] = inside.split("|");
  if (target.startsWith("@")) return make("span", "mention", "@" + (state.people[target.slice(1)] || target));
  if (target.startsWith("!date")) return make("span", "", new Date(target.split("^")[1] * 1000).toLocaleString());
  if (target.startsWith("!")) return make("span", "mention", "@" + target.slice(1));
  const link = make("a", "", plain(label || target));
  link.href = target;
  return link;
}

// Streamed text is markdown; ours escapes everything that could mean something.
const markdown = (text) => plain(text.replace(/\\([^\w\s])/g, "$1"));

function element(given, press) {
  if (given.type === "feedback_buttons") {
    return [given.positive_button, given.negative_button].map((choice) => {
      const button = make("button", "", choice.text.text);
      button.onclick = () => press(given.action_id, choice.value);
      return button;
    });
  }
  const button = make("button", "", given.text.text);
  button.onclick = () => press(given.action_id, given.value || "");
  return [button];
}

function block(given, press) {
  switch (given.type) {
    case "section": {
      const text = make("div", "section", mrkdwn(given.text.text));
      if (!given.accessory) return text;
      const [button] = element(given.accessory, press);
      button.className = "accessory";
      return make("div", "withaccessory", text, button);
    }
    case "context": return make("div", "context", ...given.elements.map((part) => mrkdwn(part.text)));
    case "divider": return make("hr");
    case "header": return make("div", "header", given.text.text);
    case "actions": case "context_actions":
      return make("div", "actions", ...given.elements.flatMap((part) => element(part, press)));
    case "input": return input(given);
    default: return make("div", "section", `(${given.type})`);
  }
}

function input(given) {
  const box = make("fieldset", "", make("legend", "", given.label.text));
  if (given.element.type === "radio_buttons") {
    for (const option of given.element.options) {
      const radio = make("input");
      Object.assign(radio, { type: "radio", name: given.block_id, value: option.value });
      box.append(make("label", "", radio, " " + option.text.text));
    }
  } else {
    const area = make("textarea");
    area.name = given.block_id;
    box.append(area);
  }
  return box;
}

function messageNode(message) {
  const app = Boolean(message.bot_id);
  const node = make("article", "message");
  if (message.thread_ts && message.thread_ts !== message.ts) node.classList.add("reply");
  if (message.private) node.classList.add("private");
  const name = make("span", "who", app ? "Monazite" : state.people[message.user] || message.user);
  if (app) name.classList.add("app");
  node.append(tools(message), name);
  if (message.private) node.append(make("div", "context", "Only visible to you"));
  const press = (action, value) => act("press", { blocks: message.blocks, action, value });
  if (message.markdown) node.append(make("div", "section", markdown(message.markdown)));
  else if (!(message.blocks || []).length) node.append(make("div", "section", mrkdwn(message.text || "")));
  for (const given of message.blocks || []) node.append(block(given, press));
  for (const reaction of message.reactions || []) node.append(make("span", "reaction", `:${reaction}:`));
  return node;
}

function tools(message) {
  const box = make("span", "tools");
  const add = (label, what) => {
    const button = make("button", "", label);
    button.onclick = what;
    box.append(button);
  };
  if (message.private) return box;
  add("Reply", () => { thread = message.thread_ts || message.ts; shown = ""; draw(); $("text").focus(); });
  if (message.bot_id) return box;
  add("Answer this", () => act("shortcut", { ts: message.ts }));
  add("Edit", () => {
    const text = prompt("New text", message.text);
    if (text) act("edit", { ts: message.ts, text });
  });
  add("Delete", () => act("delete", { ts: message.ts }));
  return box;
}

function draw() {
  $("places").replaceChildren(...state.places.map(([id, name]) => {
    const button = make("button", "", name);
    if (id === place) button.setAttribute("aria-current", "true");
    button.onclick = () => visit(id);
    return make("li", "", button);
  }));
  $("title").textContent = state.places.find(([id]) => id === place)[1];
  const home = place === "home";
  $("hint").textContent = home ? "" : "@monazite mentions the bot; /ask asks privately";
  $("composer").hidden = home;
  $("replying").hidden = !thread || place === "pane";
  const nodes = home ? homeNodes() : conversation().map(messageNode);
  if (place === "pane" && state.prompts.length) nodes.push(promptsNode());
  $("messages").replaceChildren(...nodes);
  $("messages").scrollTop = home ? 0 : $("messages").scrollHeight;
  const status = state.statuses.find((entry) => entry.shown);
  $("status").textContent = status ? status.status : "";
  drawModal();
}

function conversation() {
  const order = (message) => (message.thread_ts || message.ts) + message.ts;
  return [...state.messages].sort((one, other) => order(one) < order(other) ? -1 : 1);
}

function homeNodes() {
  const press = (action, value) => act("press", { blocks: state.home.blocks, action, value, channel: null });
  return state.home ? state.home.blocks.map((given) => block(given, press)) : [];
}

function promptsNode() {
  const buttons = state.prompts.map((prompt) => {
    const button = make("button", "", prompt.title);
    button.onclick = () => act("say", { text: prompt.message });
    return button;
  });
  return make("div", "actions", ...buttons);
}

function drawModal() {
  const view = state.view;
  if (!view || modal === view.id) return;
  modal = view.id;
  const form = make("form", "", make("h3", "", view.title.text), ...view.blocks.map((given) => block(given, () => {})));
  form.method = "dialog";
  if (view.submit) form.append(make("button", "accessory", view.submit.text));
  const close = make("button", "accessory", view.close ? view.close.text : "Close");
  close.type = "button";
  close.onclick = () => $("modal").close();
  form.append(close);
  form.onsubmit = () => {
    const given = new FormData(form), values = {};
    if (given.get("reason")) values.reason = { selected_option: { value: given.get("reason") } };
    else values.reason = {};
    values.comment = { value: given.get("comment") };
    act("submit", { values });
  };
  $("modal").replaceChildren(form);
  $("modal").showModal();
}

async function visit(id) {
  place = id;
  thread = null;
  shown = "";
  if (id === "home" || id === "pane") await act(id);
  else await refresh();
}

async function refresh() {
  const answer = await fetch(`/state?user=${$("user").value || ""}&place=${place}`);
  const text = await answer.text();
  if (text === shown) return;
  shown = text;
  state = JSON.parse(text);
  if (!$("user").options.length) {
    const people = Object.entries(state.people).filter(([id]) => id !== state.bot);
    for (const [id, name] of people) $("user").append(new Option(name, id));
  }
  draw();
}

$("composer").onsubmit = async (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  $("text").value = "";
  if (!text) return;
  if (text.startsWith("/ask")) await act("command", { text: text.slice(4).trim() });
  else await act("say", { text, thread });
};
$("unthread").onclick = () => { thread = null; shown = ""; refresh(); };
$("user").onchange = () => visit(place);
refresh();
setInterval(refresh, 400);
