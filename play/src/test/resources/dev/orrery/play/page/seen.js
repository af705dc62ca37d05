// What tests know of the page: all that goes over its socket, and all pictures that it shows.

window.seen = { sent: [], said: [], frames: [], shown: [], violations: [] };

document.addEventListener("securitypolicyviolation", (event) =>
  seen.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
);

window.WebSocket = class extends WebSocket {
  constructor(...parameters) {
    super(...parameters);
    this.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) {
        seen.frames.push(frameOf(data));
      } else {
        seen.said.push(JSON.parse(data));
      }
    });
  }

  send(data) {
    if (typeof data === "string") {
      seen.sent.push(JSON.parse(data));
    }
    super.send(data);
  }
};

function frameOf(data) {
  const header = new DataView(data);
  return {
    start: header.getUint32(4),
    block: header.getUint32(8),
    index: header.getUint32(12),
    time: header.getFloat64(16),
    // Two that are equal are the same picture; a hash would do, but for the doubt.
    jpeg: btoa(String.fromCharCode(...new Uint8Array(data, 32))),
  };
}

addEventListener("DOMContentLoaded", () => {
  const canvas = document.getElementById("canvas");
  if (canvas === null) {
    return; // another page
  }
  const copy = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  new MutationObserver(() => {
    const { width, height } = canvas;
    if (copy.canvas.width !== width || copy.canvas.height !== height) {
      copy.canvas.width = width;
      copy.canvas.height = height;
    }
    copy.drawImage(canvas, 0, 0);
    const { start, block, frame } = canvas.dataset;
    seen.shown.push({
      start: Number(start),
      block: Number(block),
      index: Number(frame),
      width,
      pixels: copy.getImageData(0, 0, width, height).data,
    });
    if (seen.shown.length > 300) {
      seen.shown.shift();
    }
  }).observe(canvas, { attributes: true, attributeFilter: ["data-frame"] });
});

/** The first frame that was made with what this page has sent since a time. */
seen.frameOfInputSince = (since) => {
  const times = seen.sent.map(({ time }) => time).filter((time) => time >= since);
  return seen.frames.find(({ time }) => times.includes(time));
};

/** The pictures of a block that were seen, the newest last. */
seen.pictures = (start, block) =>
  seen.shown.filter((it) => it.start === start && it.block === block);

/** Two pictures of a block that are at most three frames apart, if such were seen. */
seen.neighbours = (start, block) => {
  // What was held before has no part in the later frames.
  const settled = seen.pictures(start, block).filter(({ index }) => index >= 3);
  const from = settled.find((it, i) => settled[i + 1]?.index <= it.index + 3);
  return from && { from, to: settled.findLast(({ index }) => index <= from.index + 3) };
};

/** Columns to the right by which what a block shows moves in a frame. */
seen.turn = (start, block) => {
  const { from, to } = seen.neighbours(start, block);
  return seen.shift(from, to) / (to.index - from.index);
};

/**
 * How many columns to the right what is in one picture is in another: the shift with the smallest
 * mean difference of what both show.
 */
seen.shift = (from, to) => {
  let best = 0;
  let least = Infinity;
  const most = from.width / 4;
  for (let shift = -most; shift <= most; shift++) {
    const difference = differenceOf(from, to, shift);
    if (difference < least) {
      least = difference;
      best = shift;
    }
  }
  return best;
};

function differenceOf(from, to, shift) {
  const { width } = from;
  const height = from.pixels.length / 4 / width;
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = Math.max(0, -shift); x < width - Math.max(0, shift); x++) {
      for (let c = 0; c < 3; c++) {
        const a = from.pixels[4 * (y * width + x) + c];
        const b = to.pixels[4 * (y * width + x + shift) + c];
        sum += Math.abs(a - b);
        count++;
      }
    }
  }
  return sum / count;
}

/**
 * The part of a block's picture that the green wall takes, the nearest one where the demo begins.
 *
 * @param index the frame, or the first after it that was seen
 */
seen.wall = (start, block, index) => {
  const pictures = seen.pictures(start, block);
  const { pixels } = pictures.find((it) => it.index >= index) ?? pictures.at(-1);
  let green = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    if (pixels[i + 1] - pixels[i] > 50 && pixels[i + 1] - pixels[i + 2] > 30) {
      green++;
    }
  }
  return green / (pixels.length / 4);
};
