/** Buttons, the panel, and files that come and go. */

import { action, bytes, download } from "./messages.js";

const SESSION_ENDING = ".safetensors";

/** Widths from which the panel stands beside the picture, and from which there is room for it anyway. */
const BESIDE = matchMedia("(min-width: 1200px)");
const ROOMY = matchMedia("(min-width: 1700px)");

export class Controls {
  #connection;
  #messages;
  #keyboard;
  #element = (id) => document.getElementById(id);
  #state = null;
  #steers = false;
  #limits = { imageBytes: 0, sessionBytes: 0 };
  /** The picture that is on its way, and whether a world begins from it at once. */
  #sending = null;

  constructor({ connection, messages, keyboard }) {
    this.#connection = connection;
    this.#messages = messages;
    this.#keyboard = keyboard;
    this.#listenToDock();
    this.#listenToPanel();
    this.#listenToFiles();
    this.#listenToDrops();
    this.#listenToServer();
    this.#showPanel(ROOMY.matches, false);
  }

  /** Takes what a model can. */
  welcome({ model, limits }) {
    this.#limits = limits;
    this.#element("pictures").hidden = !model.images;
    this.#element("prompt-field").hidden = !model.prompt;
  }

  /**
   * Shows a state.
   *
   * @param steers whether this viewer does
   */
  update(state, steers) {
    const before = this.#state;
    this.#state = state;
    this.#steers = steers;
    this.#allow(steers && state.ready);
    this.#name("pause", state.paused ? "Play" : "Pause", state.paused ? "play" : "pause");
    this.#name("record", state.recording ? "Stop" : "Record", "record");
    this.#element("record").setAttribute("aria-pressed", state.recording);
    this.#element("paused").hidden = !state.paused || !state.ready;
    this.#element("recording").hidden = !state.recording;
    if (state.seed !== before?.seed) {
      this.#element("seed").value = state.seed;
    }
    if (state.prompt !== before?.prompt) {
      this.#element("prompt").value = state.prompt;
    }
    if (state.start !== before?.start) {
      this.#element("flat").hidden = true;
    }
  }

  /** Nothing can be done while there is no connection. */
  lost() {
    this.#steers = false;
    this.#sending = null;
    this.#allow(false);
  }

  /** Goes back to where a block began, if this viewer may do that. */
  back(block) {
    return this.#maySteer() && this.#connection.send("back", { block });
  }

  #allow(allowed) {
    for (const element of document.querySelectorAll("[data-steers]")) {
      element.disabled = !allowed;
    }
    this.#element("single").disabled = !allowed || !this.#state?.paused;
  }

  #name(id, text, icon) {
    const button = this.#element(id);
    button.querySelector("span").textContent = text;
    button.querySelector("use").setAttribute("href", `#icon-${icon}`);
  }

  #maySteer() {
    if (!this.#steers) {
      this.#messages.error("Somebody else steers: ask for the keys first.");
    }
    return this.#steers;
  }

  #press(id, pressed) {
    this.#element(id).addEventListener("click", pressed);
  }

  #listenToDock() {
    const send = (...message) => this.#connection.send(...message);
    this.#press("pause", () => send("pause", { on: !this.#state.paused }));
    this.#press("single", () => send("single"));
    this.#press("reset", () =>
      send("start", { seed: this.#state.seed, prompt: "", image: "same" }),
    );
    this.#press("record", () => send("record", { on: !this.#state.recording }));
    this.#press("save", () => send("save"));
    this.#press("screen", () => this.#toggleFullScreen());
    this.#press("before-wall", () => this.back(Number(this.#element("before-wall").dataset.block)));
    document.addEventListener("fullscreenchange", () =>
      this.#element("screen").setAttribute("aria-pressed", document.fullscreenElement !== null),
    );
    addEventListener("keydown", (event) => this.#shortcut(event));
  }

  #shortcut(event) {
    const id = { p: "pause", ".": "single", f: "screen", b: "before-wall" }[event.key];
    const typing = event.target instanceof Element && event.target.closest("input, textarea");
    const modified = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
    if (id && !typing && !modified && !this.#keyboard.has(event.key)) {
      const button = this.#element(id);
      if (button.offsetParent !== null) {
        button.click();
      }
    }
  }

  async #toggleFullScreen() {
    try {
      if (document.fullscreenElement) {
        await document.exitFullscreen();
      } else {
        await document.documentElement.requestFullscreen();
      }
    } catch {
      this.#messages.error("The browser does not let this page fill the screen.");
    }
  }

  #listenToPanel() {
    const panel = this.#element("panel");
    this.#press("open-panel", () => this.#showPanel(panel.hidden, true));
    this.#press("close-panel", () => this.#showPanel(false, true));
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        this.#showPanel(false, true);
      }
    });
    this.#press("any-seed", () => {
      this.#element("seed").value = crypto.getRandomValues(new Uint32Array(1))[0];
    });
    this.#element("begin").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#begin(new FormData(event.target).get("image") ?? "same");
    });
  }

  #begin(image) {
    const seed = this.#element("seed").value;
    const prompt = this.#element("prompt").value.trim();
    this.#connection.send("start", { seed, prompt, image });
    if (!BESIDE.matches) {
      this.#showPanel(false, true);
    }
  }

  #showPanel(shown, focus) {
    this.#element("panel").hidden = !shown;
    this.#element("open-panel").setAttribute("aria-expanded", shown);
    document.body.classList.toggle("with-panel", shown);
    if (focus) {
      this.#element(shown ? "close-panel" : "open-panel").focus();
    }
  }

  #listenToFiles() {
    for (const [id, sent] of [
      ["picture", (file) => this.#sendPicture(file, false)],
      ["session", (file) => this.#sendSession(file)],
    ]) {
      const input = this.#element(id);
      input.addEventListener("change", () => {
        const [file] = input.files;
        if (file) {
          sent(file);
        }
        // So that the same file can be chosen again.
        input.value = "";
      });
    }
  }

  #listenToDrops() {
    const body = document.body;
    const isFile = (event) => event.dataTransfer.types.includes("Files");
    body.addEventListener("dragover", (event) => {
      if (isFile(event)) {
        event.preventDefault();
        body.classList.add("dropping");
      }
    });
    body.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) {
        body.classList.remove("dropping");
      }
    });
    body.addEventListener("drop", (event) => {
      body.classList.remove("dropping");
      const [file] = event.dataTransfer.files;
      if (file) {
        event.preventDefault();
        if (file.name.endsWith(SESSION_ENDING)) {
          this.#sendSession(file);
        } else {
          this.#sendPicture(file, true);
        }
      }
    });
  }

  async #sendPicture(file, beginAtOnce) {
    if (await this.#send("image", file, this.#limits.imageBytes)) {
      this.#sending = { file, beginAtOnce };
    }
  }

  async #sendSession(file) {
    await this.#send("session", file, this.#limits.sessionBytes);
  }

  async #send(kind, file, most) {
    if (!this.#maySteer()) {
      return false;
    }
    if (file.size === 0 || file.size > most) {
      const size = file.size === 0 ? "empty" : `${bytes(file.size)}, more than ${bytes(most)}`;
      this.#messages.error(`${file.name} is ${size}.`);
      return false;
    }
    try {
      const content = await file.arrayBuffer();
      this.#connection.upload(kind, content);
      return true;
    } catch {
      this.#messages.error(`${file.name} cannot be read.`);
      return false;
    }
  }

  #listenToServer() {
    const on = (type, does) =>
      this.#connection.addEventListener(type, ({ detail }) => does(detail));
    on("uploaded", () => this.#uploaded());
    on("error", () => (this.#sending = null));
    on("file", (file) => this.#offer(file));
    on("block", ({ flat, before }) => {
      this.#element("flat").hidden = !flat || before < 0;
      this.#element("before-wall").dataset.block = before;
    });
    on("asked", ({ viewer }) => this.#asked(viewer));
    on("refused", () => this.#messages.notice("The one who steers keeps the keys."));
  }

  #uploaded() {
    if (!this.#sending) {
      return;
    }
    const { file, beginAtOnce } = this.#sending;
    this.#sending = null;
    const mine = this.#element("mine");
    mine.hidden = false;
    mine.querySelector("input").checked = true;
    mine.querySelector("span").textContent = file.name;
    const preview = this.#element("preview");
    URL.revokeObjectURL(preview.src);
    preview.src = URL.createObjectURL(file);
    preview.hidden = false;
    if (beginAtOnce) {
      this.#begin("uploaded");
    }
  }

  #offer(file) {
    const item = document.createElement("li");
    item.append(download(file));
    this.#element("files").prepend(item);
    this.#messages.notice(`${file.name} is ready.`, [download(file)]);
  }

  #asked(viewer) {
    const answer = (give) => () => this.#connection.send("answer", { viewer, give });
    this.#messages.notice(`Viewer ${viewer} asks for the keys.`, [
      action("Give them", answer(true)),
      action("Keep them", answer(false)),
    ]);
  }
}
