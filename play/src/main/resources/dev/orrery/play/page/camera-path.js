/** Where the camera went, from above. */

const POSE_NUMBERS = 3;
const EDGE = 18;

export class CameraPath {
  #section;
  #canvas;
  /** Block, start and poses, each of x, z and heading. */
  #blocks = [];
  #scheduled = false;

  constructor(section, canvas) {
    this.#section = section;
    this.#canvas = canvas;
    new ResizeObserver(() => this.#schedule()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#schedule());
  }

  /** Whether the model has a camera. */
  use(camera) {
    this.#section.hidden = !camera;
  }

  /** The camera went on. */
  add({ start, block, poses }) {
    this.#blocks = this.#blocks.filter((entry) => entry.block < block);
    const points = [];
    for (let i = 0; i < poses.length; i += POSE_NUMBERS) {
      points.push({ x: poses[i], z: poses[i + 1], heading: poses[i + 2] });
    }
    this.#blocks.push({ start, block, points });
    this.#schedule();
  }

  /** Forgets what a state says has not happened, or happened in another world. */
  keep({ start, first, block }) {
    this.#blocks = this.#blocks.filter(
      (entry) => entry.start === start || (entry.block < block && first !== block),
    );
    this.#schedule();
  }

  #schedule() {
    if (!this.#scheduled) {
      this.#scheduled = true;
      requestAnimationFrame(() => this.#draw());
    }
  }

  #draw() {
    this.#scheduled = false;
    const canvas = this.#canvas;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    const points = this.#blocks.flatMap((entry) => entry.points);
    if (points.length === 0 || width === 0) {
      return;
    }
    const context = canvas.getContext("2d");
    context.scale(devicePixelRatio, devicePixelRatio);
    const place = placing(points, width, height);
    const style = getComputedStyle(canvas);
    context.strokeStyle = style.getPropertyValue("--muted");
    context.fillStyle = context.strokeStyle;
    drawStart(context, place(points[0]));
    context.strokeStyle = style.getPropertyValue("--accent");
    context.fillStyle = context.strokeStyle;
    drawLine(context, points.map(place));
    drawCamera(context, place(points.at(-1)), points.at(-1).heading);
    const { x, z } = points.at(-1);
    canvas.setAttribute(
      "aria-label",
      `The camera’s path from above: now ${x.toFixed(1)} to the right of and ` +
        `${z.toFixed(1)} ahead of the beginning`,
    );
  }
}

/** Fits points into the canvas; x to the right, z up. */
function placing(points, width, height) {
  const xs = points.map(({ x }) => x);
  const zs = points.map(({ z }) => z);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [near, far] = [Math.min(...zs), Math.max(...zs)];
  const scale = Math.min(
    (width - 2 * EDGE) / Math.max(right - left, 1e-3),
    (height - 2 * EDGE) / Math.max(far - near, 1e-3),
  );
  return ({ x, z }) => ({
    x: width / 2 + scale * (x - (left + right) / 2),
    y: height / 2 - scale * (z - (near + far) / 2),
  });
}

function drawStart(context, { x, y }) {
  context.beginPath();
  context.arc(x, y, 4, 0, 2 * Math.PI);
  context.fill();
}

function drawLine(context, places) {
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.beginPath();
  places.forEach(({ x, y }) => context.lineTo(x, y));
  context.stroke();
}

function drawCamera(context, { x, y }, heading) {
  context.save();
  context.translate(x, y);
  context.rotate(heading);
  context.beginPath();
  context.moveTo(0, -11);
  context.lineTo(7, 7);
  context.lineTo(0, 3.5);
  context.lineTo(-7, 7);
  context.closePath();
  context.fill();
  context.restore();
}
