/**
 * The socket to the server, which is opened again when it is lost. The protocol is described in
 * docs/play-protocol.md.
 *
 * Events: "open" and "lost"; "end" when it will not be opened again, with "over" or "replaced";
 * "frame" with a parsed frame; and each text message under its type.
 */

const VERSION = 1;
const FRAME_HEADER_BYTES = 32;

/** The server says something every second; who is silent for so long is gone. */
const SILENCE_MILLIS = 3500;

const FIRST_RETRY_MILLIS = 250;
const LAST_RETRY_MILLIS = 4000;

/** The close code for a connection in whose place there is another one of the same viewer. */
const REPLACED = 1000;

/** Where the viewer's secret is kept, so that a page that is loaded again is the same viewer. */
const KEPT = "orrery-viewer";

export class Connection extends EventTarget {
  #socket = null;
  #welcomed = false;
  #ended = false;
  #retryMillis = FIRST_RETRY_MILLIS;
  #retry = 0;
  #silence = 0;
  #kept = Connection.#read();
  #wanted = new URLSearchParams(location.search).get("session") ?? "";

  /** Opens the socket, and keeps it open. */
  open() {
    addEventListener("online", () => this.#again());
    addEventListener("offline", () => this.#lose());
    this.#connect();
  }

  /** Whether messages can be sent. */
  get isOpen() {
    return this.#welcomed;
  }

  /** Sends a message; what is sent while there is no connection is lost. */
  send(type, fields = {}) {
    if (this.#welcomed) {
      this.#socket.send(JSON.stringify({ type, ...fields }));
    }
    return this.#welcomed;
  }

  /** Sends a file. */
  upload(kind, bytes) {
    if (this.send("upload", { kind, bytes: bytes.byteLength })) {
      this.#socket.send(bytes);
    }
  }

  #connect() {
    clearTimeout(this.#retry);
    const address = new URL("socket", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.search = location.search;
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#hello();
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = ({ code }) => (code === REPLACED ? this.#end("replaced") : this.#lose());
    this.#socket = socket;
    this.#listen();
  }

  #hello() {
    const { session, viewer } = this.#kept ?? { session: this.#wanted, viewer: "" };
    this.#socket.send(JSON.stringify({ type: "hello", version: VERSION, session, viewer }));
  }

  #received(data) {
    this.#listen();
    if (data instanceof ArrayBuffer) {
      this.dispatchEvent(new CustomEvent("frame", { detail: parseFrame(data) }));
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "welcome") {
      this.#welcome(message);
    } else if (message.type === "error" && !this.#welcomed) {
      this.#refused(message);
    } else {
      this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
      if (message.type === "ended") {
        this.#end("over");
      }
    }
  }

  #welcome(message) {
    this.#welcomed = true;
    this.#retryMillis = FIRST_RETRY_MILLIS;
    this.#keep({ session: message.session, viewer: message.viewer });
    this.dispatchEvent(new CustomEvent("open", { detail: message }));
  }

  /** The session of an earlier time is over, or there is no place for another one. */
  #refused(message) {
    if (this.#kept) {
      this.#keep(null);
      this.#hello();
    } else {
      this.dispatchEvent(new CustomEvent("error", { detail: message }));
      this.#end("over");
    }
  }

  /** There is nothing to connect to again. */
  #end(why) {
    this.#ended = true;
    this.#keep(null);
    this.#lose();
    this.dispatchEvent(new CustomEvent("end", { detail: why }));
  }

  /** Waits for the next message. */
  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lose(), SILENCE_MILLIS);
  }

  #lose() {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    if (!socket) {
      return;
    }
    this.#socket = null;
    this.#welcomed = false;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.dispatchEvent(new CustomEvent("lost"));
    if (!this.#ended) {
      this.#retry = setTimeout(() => this.#connect(), this.#retryMillis);
      this.#retryMillis = Math.min(2 * this.#retryMillis, LAST_RETRY_MILLIS);
    }
  }

  #again() {
    if (!this.#socket && !this.#ended) {
      this.#retryMillis = FIRST_RETRY_MILLIS;
      this.#connect();
    }
  }

  #keep(kept) {
    this.#kept = kept;
    try {
      if (kept) {
        sessionStorage.setItem(KEPT, JSON.stringify(kept));
      } else {
        sessionStorage.removeItem(KEPT);
      }
    } catch {
      // A browser that keeps nothing forgets the viewer when the page is loaded again.
    }
  }

  static #read() {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT));
    } catch {
      return null;
    }
  }
}

function parseFrame(data) {
  const header = new DataView(data, 0, FRAME_HEADER_BYTES);
  return {
    start: header.getUint32(4),
    block: header.getUint32(8),
    index: header.getUint32(12),
    time: header.getFloat64(16),
    rate: header.getFloat32(24),
    picture: new Blob([new Uint8Array(data, FRAME_HEADER_BYTES)], { type: "image/jpeg" }),
  };
}
