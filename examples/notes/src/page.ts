// The page: shows what the notebook says, and asks it for what the person wants.

import { NoteList } from "./note-list.ts";
import { messageOf, type NotebookState } from "./notebook.ts";
import { Tabs, UNHEARD } from "./tabs.ts";

const INVITE = "#invite=";

function element<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

// What comes after # is sent to no server. It is a secret: it does not stay in the address, nor in the history.
const invite = location.hash.startsWith(INVITE)
  ? decodeURIComponent(location.hash.slice(INVITE.length))
  : undefined;
if (invite !== undefined) history.replaceState(undefined, "", "/");

let announced = "";

const list = new NoteList(element("notes"), (note, text) => write(note, text));
const tabs = new Tabs(show);
show(UNHEARD, false);

/** Writes a note, or changes one; `null` removes it. */
async function write(note: string, text: string | null): Promise<void> {
  await attempt(() => tabs.do({ type: "write", change: { change: crypto.randomUUID(), note, text } }));
}

/** Does something, and says so if it fails. */
async function attempt<T>(work: () => Promise<T>): Promise<T> {
  const problem = element("problem");
  try {
    const value = await work();
    problem.hidden = true;
    return value;
  } catch (error) {
    problem.textContent = messageOf(error);
    problem.hidden = false;
    throw error;
  }
}

function show({ phase, notes, lines, state, waiting, names, error }: NotebookState, leads: boolean): void {
  const isOpen = phase === "open";
  element("start").hidden = phase !== "new";
  for (const id of ["write", "list"]) element(id).hidden = !isOpen;
  element("invite").hidden = !isOpen || state === "joining" || state === "removed";
  if (phase === "failed" && error !== undefined) {
    element("problem").textContent = error;
    element("problem").hidden = false;
  }
  list.show(notes, names);
  element("empty").hidden = notes.length > 0;
  element("status").hidden = phase === "new";
  element("status").dataset["state"] = state ?? "starting";
  setText("status-text", isOpen ? lines.slice(0, waiting > 0 ? 2 : 1).join(" ") : "Opening …");
  setText("details", isOpen ? lines.slice(waiting > 0 ? 2 : 1).join(" ") : "");
  setText("tab", isOpen ? (leads ? "This tab writes." : "Another tab writes for this one.") : "");
  // Read out when it changes, which the time in the status does each minute.
  const now = `${state} ${waiting}`;
  if (isOpen && now !== announced) {
    announced = now;
    setText(
      "announcement",
      state === "up-to-date" && waiting === 0 ? "Up to date." : lines.slice(0, 2).join(" "),
    );
  }
}

function setText(id: string, text: string): void {
  const place = element(id);
  if (place.textContent !== text) place.textContent = text;
}

if (invite !== undefined) {
  setText("start-title", "Join a notebook");
  setText(
    "start-text",
    "You were sent a link. Leave the page of the other device open until this one is in.",
  );
}
element<HTMLFormElement>("start").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = element<HTMLInputElement>("name").value.trim();
  attempt(() => tabs.do({ type: "start", name, ...(invite !== undefined && { invite }) })).catch(
    () => undefined,
  );
  // Without this, a browser that is short of room may remove what is kept here.
  void navigator.storage.persist();
});

const text = element<HTMLTextAreaElement>("text");
element<HTMLFormElement>("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const written = text.value.trim();
  if (written === "") return;
  text.value = "";
  text.focus();
  write(crypto.randomUUID(), written).catch(() => {
    // It is not lost.
    if (text.value === "") text.value = written;
  });
});

// Ctrl or Cmd with Enter sends the form in which one writes.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  if (event.target instanceof HTMLTextAreaElement) event.target.form?.requestSubmit();
});

const invitation = element<HTMLDialogElement>("invitation");
const link = element<HTMLTextAreaElement>("link");
element("invite").addEventListener("click", () => {
  attempt(() => tabs.do({ type: "invite" })).then(
    (made) => {
      link.value = `${location.origin}/${INVITE}${encodeURIComponent(made!)}`;
      invitation.showModal();
      link.select();
    },
    () => undefined,
  );
});
invitation.addEventListener("close", () => {
  link.value = "";
  setText("copy", "Copy link");
});
element("copy").addEventListener("click", () => {
  navigator.clipboard.writeText(link.value).then(
    () => setText("copy", "Copied"),
    // It is selected, so that the keyboard can copy it.
    () => link.select(),
  );
});

// A tab in the background polls seldom: browsers slow down its clocks.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") tabs.do({ type: "sync" }).catch(() => undefined);
});

if ("serviceWorker" in navigator) {
  await navigator.serviceWorker.register("/service-worker.js");
  await navigator.serviceWorker.ready;
  setText("offline-ready", "This page opens offline, too.");
}
