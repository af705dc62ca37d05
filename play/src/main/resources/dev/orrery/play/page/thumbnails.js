/** The last picture of each block; pressing one goes on from there. */

const MOST = 200;

export class Thumbnails {
  #section;
  #list;
  #chosen;
  /** Block, start, the list's item and what is in it. */
  #entries = [];
  #following = true;
  #width = 0;

  /**
   * @param chosen called with the block to begin with, and the picture before it
   */
  constructor(section, list, chosen) {
    this.#section = section;
    this.#list = list;
    this.#chosen = chosen;
    list.addEventListener("scroll", () => this.#scrolled());
    new ResizeObserver(() => this.#follow()).observe(list);
  }

  /**
   * A block was made.
   *
   * @return its picture when it can be shown; null if it cannot
   */
  add({ start, block, thumbnail }) {
    // It was made again, and what came after it will be, too.
    this.#remove((entry) => entry.block >= block);
    const entry = { block, start, ...this.#item(block, thumbnail) };
    this.#entries.push(entry);
    this.#list.append(entry.item);
    while (this.#entries.length > MOST) {
      this.#drop(this.#entries.shift());
    }
    this.#update();
    return this.#decoded(entry.picture);
  }

  /** Forgets what a state says cannot be gone back to, or is of another world. */
  keep({ start, first, block }) {
    this.#remove(
      (entry) =>
        entry.block + 1 < first || (entry.start !== start && (entry.block >= block || first === block)),
    );
    this.#update();
  }

  #item(block, thumbnail) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const picture = document.createElement("img");
    const name = document.createElement("span");
    const url = URL.createObjectURL(jpeg(thumbnail));
    picture.src = url;
    picture.alt = "";
    name.textContent = block;
    button.type = "button";
    button.dataset.block = block;
    button.title = `Go on from the end of block ${block}`;
    button.setAttribute("aria-label", button.title);
    button.append(picture, name);
    button.addEventListener("click", () => this.#chosen(block + 1, picture));
    item.append(button);
    return { item, button, picture, url };
  }

  async #decoded(picture) {
    try {
      await picture.decode();
      this.#follow();
      return picture;
    } catch {
      return null;
    }
  }

  /** Keeps the newest in sight, unless somebody looks at earlier ones. */
  #follow() {
    this.#width = this.#list.clientWidth;
    if (this.#following) {
      this.#list.scrollLeft = this.#list.scrollWidth;
    }
  }

  #scrolled() {
    const { scrollLeft, scrollWidth, clientWidth } = this.#list;
    // A list that has become narrower scrolls, too, and nobody did that.
    if (clientWidth === this.#width) {
      this.#following = scrollLeft + clientWidth >= scrollWidth - 8;
    }
  }

  #remove(which) {
    this.#entries = this.#entries.filter((entry) => {
      const gone = which(entry);
      if (gone) {
        this.#drop(entry);
      }
      return !gone;
    });
  }

  #drop(entry) {
    entry.item.remove();
    URL.revokeObjectURL(entry.url);
  }

  #update() {
    this.#section.hidden = this.#entries.length === 0;
    // The newest is where the world is.
    for (const entry of this.#entries) {
      entry.button.disabled = entry === this.#entries.at(-1);
    }
  }
}

function jpeg(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: "image/jpeg" });
}
