/**
 * The canvas. Frames are shown in the order in which they come; as they come at the pace of
 * playback, only those that come too close together wait.
 */

/** Frames that wait at most; of more, the oldest are shown no more. */
const MOST_WAITING = 2;

/** Part of a frame's time after which the next one may follow. */
const LEAST_GAP = 0.7;

export class Stage extends EventTarget {
  #place;
  #canvas;
  #context;
  #decoding = Promise.resolve();
  #waiting = [];
  #start = 0;
  #next = 0;
  #scheduled = false;
  #shown = false;

  constructor(place, canvas) {
    super();
    this.#place = place;
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false });
    new ResizeObserver(() => this.#fit()).observe(place);
  }

  /** Takes the size of the model's frames. */
  resize(width, height) {
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    this.#fit();
  }

  /** Shows a frame when its turn has come. */
  add(frame) {
    const picture = createImageBitmap(frame.picture);
    // Decoding may overtake; frames must not.
    this.#decoding = this.#decoding
      .then(() => picture)
      .then((bitmap) => this.#decoded(frame, bitmap))
      .catch(() => this.dispatchEvent(new CustomEvent("broken")));
  }

  /** Frames of earlier starts are not shown any more. */
  startsAt(start) {
    this.#start = start;
    this.#waiting = this.#waiting.filter((entry) => {
      const keep = entry.frame.start >= start;
      if (!keep) {
        entry.bitmap.close();
      }
      return keep;
    });
  }

  /** Whether a frame was shown. */
  get hasShown() {
    return this.#shown;
  }

  /** Shows a picture until there are frames. */
  showStill(image) {
    this.#context.drawImage(image, 0, 0, this.#canvas.width, this.#canvas.height);
  }

  #decoded(frame, bitmap) {
    if (frame.start < this.#start) {
      bitmap.close();
      return;
    }
    this.#waiting.push({ frame, bitmap });
    while (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift().bitmap.close();
    }
    this.#schedule();
  }

  #schedule() {
    if (!this.#scheduled) {
      this.#scheduled = true;
      requestAnimationFrame((now) => this.#show(now));
    }
  }

  #show(now) {
    this.#scheduled = false;
    if (this.#waiting.length === 0) {
      return;
    }
    if (now >= this.#next || this.#waiting.length === MOST_WAITING) {
      const { frame, bitmap } = this.#waiting.shift();
      this.#draw(frame, bitmap);
      this.#next = now + (LEAST_GAP * 1000) / frame.rate;
    }
    if (this.#waiting.length > 0) {
      this.#schedule();
    }
  }

  #draw(frame, bitmap) {
    this.#context.drawImage(bitmap, 0, 0, this.#canvas.width, this.#canvas.height);
    bitmap.close();
    this.#shown = true;
    Object.assign(this.#canvas.dataset, {
      start: frame.start,
      block: frame.block,
      frame: frame.index,
    });
    this.dispatchEvent(new CustomEvent("shown", { detail: frame }));
  }

  /** As large as the place allows, by a whole number of the screen's own pixels. */
  #fit() {
    const ratio = devicePixelRatio;
    const room = Math.min(
      (this.#place.clientWidth * ratio) / this.#canvas.width,
      (this.#place.clientHeight * ratio) / this.#canvas.height,
    );
    const scale = room >= 1 ? Math.floor(room) : room;
    this.#canvas.style.width = `${(scale * this.#canvas.width) / ratio}px`;
    this.#canvas.style.height = `${(scale * this.#canvas.height) / ratio}px`;
    this.#canvas.classList.toggle("smaller", room < 1);
  }
}
