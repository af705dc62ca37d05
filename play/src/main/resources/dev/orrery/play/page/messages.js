/** Messages at the edge of the page. Errors stay for as long as it takes to read them, and longer. */

const NOTICE_MILLIS = 10_000;
const ERROR_MILLIS = 30_000;
const MOST = 4;

export class Messages {
  #errors;
  #notices;

  constructor(errors, notices) {
    this.#errors = errors;
    this.#notices = notices;
  }

  /** Says what went wrong; the same again is said once. */
  error(text) {
    const same = [...this.#errors.children].find((it) => it.dataset.text === text);
    same?.remove();
    this.#add(this.#errors, text, [], ERROR_MILLIS);
  }

  /**
   * Says what happened.
   *
   * @param actions elements to press; the message stays until one is pressed, if there are any
   */
  notice(text, actions = []) {
    return this.#add(this.#notices, text, actions, actions.length > 0 ? 0 : NOTICE_MILLIS);
  }

  #add(place, text, actions, millis) {
    const message = document.createElement("div");
    message.className = "message";
    message.dataset.text = text;
    const words = document.createElement("p");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.textContent = "×";
    close.setAttribute("aria-label", "Close message");
    close.addEventListener("click", () => message.remove());
    for (const action of actions) {
      action.addEventListener("click", () => message.remove());
    }
    message.append(words, ...actions, close);
    place.append(message);
    while (place.childElementCount > MOST) {
      place.firstElementChild.remove();
    }
    if (millis > 0) {
      leaveAfter(message, millis);
    }
    return message;
  }
}

/** Removes a message that nobody looks at any more. */
function leaveAfter(message, millis) {
  let timer = setTimeout(() => message.remove(), millis);
  for (const type of ["pointerenter", "focusin"]) {
    message.addEventListener(type, () => clearTimeout(timer));
  }
  for (const type of ["pointerleave", "focusout"]) {
    message.addEventListener(type, () => {
      clearTimeout(timer);
      timer = setTimeout(() => message.remove(), millis);
    });
  }
}

/** A button for a message. */
export function action(text, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", pressed);
  return button;
}

/** A link to a file. */
export function download(file) {
  const link = document.createElement("a");
  link.href = file.path;
  link.download = file.name;
  link.textContent = `${NAMES[file.kind] ?? file.kind} (${bytes(file.bytes)})`;
  link.dataset.kind = file.kind;
  return link;
}

const NAMES = { video: "Video", actions: "Actions", session: "Session" };

/** A number of bytes, for people. */
export function bytes(count) {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000;
    unit++;
  }
  return `${count.toFixed(unit > 0 && count < 10 ? 1 : 0)} ${units[unit]}`;
}
