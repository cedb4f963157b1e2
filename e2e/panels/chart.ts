import { expect, type JSHandle, type Locator, type Page } from 'playwright/test';
import { numbersIn } from './text.ts';

/** Pixels from the top left of the plot. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

type Under = 'handle' | 'region' | 'nothing';

export interface Ohlc {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** How far around its expected place a handle or region is looked for: the chart moves on by a bar a minute. */
const SEARCH_PX = 16;
const SEARCH_STEP_PX = 4;

export class ChartPanel {
  readonly #page: Page;
  readonly root: Locator;
  readonly plot: Locator;
  readonly legend: Locator;
  readonly undo: Locator;
  readonly redo: Locator;
  readonly snap: Locator;
  readonly pivotLevel: Locator;
  readonly layers: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.root = page.getByTestId('panel-chart');
    this.plot = page.getByTestId('chart-plot');
    this.legend = page.getByTestId('chart-legend');
    this.undo = this.root.getByTestId('undo');
    this.redo = this.root.getByTestId('redo');
    this.snap = this.root.getByTestId('snap');
    this.layers = this.root.getByTestId('layers-menu');
    this.pivotLevel = this.layers.getByTestId('pivot-level');
  }

  timeframe(name: string): Locator {
    return this.root.getByTestId(`timeframe-${name}`);
  }

  tool(name: 'cursor' | 'long' | 'short'): Locator {
    return this.root.getByTestId(`tool-${name}`);
  }

  horizon(minutes: number): Locator {
    return this.layers.getByTestId(`horizon-${minutes}`);
  }

  async openLayers(): Promise<void> {
    await this.root.getByTestId('layers').click();
    await expect(this.layers).toBeVisible();
  }

  async closeLayers(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await expect(this.layers).toBeHidden();
  }

  /** Candles are loaded and their pixels are on the canvas. */
  async ready(): Promise<void> {
    await expect(this.plot).toHaveAttribute('data-feed', 'ready', { timeout: 60_000 });
    await expect.poll(() => this.candlePixels(), { message: 'candles are painted', timeout: 30_000 }).toBeGreaterThan(500);
  }

  async selectTimeframe(name: string): Promise<void> {
    await this.timeframe(name).click();
    await expect(this.legend).toContainText(` ${name} `);
    await this.ready();
  }

  /** Size of the plot in CSS pixels. */
  async size(): Promise<{ readonly width: number; readonly height: number }> {
    return this.#box();
  }

  /** A point by its shares of the plot's width and height, clear of the axes for shares up to about 0.85. */
  async at(shareX: number, shareY: number): Promise<Point> {
    const { width, height } = await this.#box();
    return { x: Math.round(shareX * width), y: Math.round(shareY * height) };
  }

  async hover(point: Point): Promise<void> {
    const { x, y } = await this.#box();
    await this.#page.mouse.move(x + point.x, y + point.y);
  }

  /** Open, high, low and close that the legend shows: of the candle under the pointer, else of the newest. */
  async shownCandle(): Promise<Ohlc> {
    await this.#drawn();
    const text = await this.legend.innerText();
    const match = /O ([\d,.]+) H ([\d,.]+) L ([\d,.]+) C ([\d,.]+)/.exec(text);
    if (match === null) throw new Error(`the legend shows no candle: ${text}`);
    const [open, high, low, close] = numbersIn(match.slice(1).join(' '));
    return { open, high, low, close } as Ohlc;
  }

  /** The pointer's move has reached the crosshair, which moves with a frame, and the legend, which follows it with the next. */
  async #drawn(): Promise<void> {
    await this.#page.evaluate(async () => {
      for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
    });
  }

  /** Back from the newest candle: a view that shows it moves on by a bar when a minute turns, from under the pointer. */
  async leaveNewest(): Promise<void> {
    for (let i = 0; i < 20; i++) await this.#page.keyboard.press('ArrowLeft');
    await this.#drawn();
  }

  /** Presses, drags and releases, as a hand does. Answers with the candles under both ends. */
  async drag(from: Point, to: Point): Promise<{ readonly entry: Ohlc; readonly exit: Ohlc }> {
    await this.hover(from);
    const entry = await this.shownCandle();
    await this.#page.mouse.down();
    await this.hover({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 });
    await this.hover(to);
    const exit = await this.shownCandle();
    await this.#page.mouse.up();
    return { entry, exit };
  }

  async click(point: Point): Promise<void> {
    await this.hover(point);
    await this.#page.mouse.down();
    await this.#page.mouse.up();
  }

  /** The pointer's shape tells what lies under a point: a handle to drag, or a region to select (cursor tool only). */
  async under(point: Point): Promise<Under> {
    await this.hover(point);
    return underOf(await this.plot.evaluate((element) => element.style.cursor));
  }

  /** The handle near `expected`. */
  async handleNear(expected: Point): Promise<Point> {
    let found: Point | undefined;
    await expect(async () => {
      found = await this.#find(around(expected), 'handle');
      expect(found, `a handle near ${expected.x},${expected.y}`).toBeDefined();
      expect(await this.under(found as Point)).toBe('handle');
    }).toPass({ timeout: 10_000 });
    return found as Point;
  }

  /** Whether an annotation is drawn within a few pixels of the column at `x`. With the cursor tool only. */
  async isTradeAt(x: number): Promise<boolean> {
    const { height } = await this.#box();
    const points: Point[] = [];
    for (const offset of [0, -6, 6, -12, 12]) for (let y = 2; y < height; y += 4) points.push({ x: x + offset, y });
    // On a coarse timeframe a trade is no more than its handles.
    const found = (await this.#find(points, 'region')) ?? (await this.#find(points, 'handle'));
    return found !== undefined && (await this.under(found)) !== 'nothing';
  }

  /** Asks the chart itself about many points, which would take a real pointer a frame each. */
  async #find(points: readonly Point[], wanted: Under): Promise<Point | undefined> {
    const cursors = await this.plot.evaluate((element, asked) => {
      const { left, top } = element.getBoundingClientRect();
      return asked.map(({ x, y }) => {
        element.dispatchEvent(new PointerEvent('pointermove', { clientX: left + x, clientY: top + y }));
        return element.style.cursor;
      });
    }, points);
    return points[cursors.findIndex((cursor) => underOf(cursor) === wanted)];
  }

  /** Pixels on the canvas in the colours of rising and falling candles. */
  candlePixels(): Promise<number> {
    return this.plot.evaluate((element) => {
      const style = getComputedStyle(document.documentElement);
      const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
      const wanted = new Set(
        ['--up', '--down'].map((token) => {
          probe.fillStyle = style.getPropertyValue(token).trim();
          probe.fillRect(0, 0, 1, 1);
          return probe.getImageData(0, 0, 1, 1).data.slice(0, 3).join();
        }),
      );
      let count = 0;
      for (const canvas of element.querySelectorAll('canvas')) {
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, Math.max(1, canvas.width), Math.max(1, canvas.height)).data;
        for (let i = 0; pixels !== undefined && i < pixels.length; i += 4) {
          if (wanted.has(`${pixels[i]},${pixels[i + 1]},${pixels[i + 2]}`)) count++;
        }
      }
      return count;
    });
  }

  /** The pixels of the whole plot, once what was asked for last is drawn. */
  picture(): Promise<JSHandle<Uint32Array>> {
    return this.plot.evaluateHandle(async (element) => {
      for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
      const { left, top, width, height } = element.getBoundingClientRect();
      const flat = document.createElement('canvas');
      flat.width = Math.round(width);
      flat.height = Math.round(height);
      const context = flat.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
      // The plot is several canvases, beside and on top of each other.
      for (const canvas of element.querySelectorAll('canvas')) {
        const box = canvas.getBoundingClientRect();
        if (canvas.width > 0 && canvas.height > 0)
          context.drawImage(canvas, box.left - left, box.top - top, box.width, box.height);
      }
      return new Uint32Array(context.getImageData(0, 0, flat.width, flat.height).data.buffer);
    });
  }

  async differences(one: JSHandle<Uint32Array>, other: JSHandle<Uint32Array>): Promise<number> {
    return one.evaluate((a, b) => a.reduce((count, pixel, i) => count + (pixel === b[i] ? 0 : 1), 0), other);
  }

  async #box(): Promise<{ x: number; y: number; width: number; height: number }> {
    const box = await this.plot.boundingBox();
    if (box === null) throw new Error('the chart is not on screen');
    return box;
  }
}

function underOf(cursor: string): Under {
  return cursor === 'move' ? 'handle' : cursor === 'pointer' ? 'region' : 'nothing';
}

/** `centre` first, then the points around it by distance. */
function around(centre: Point): Point[] {
  const points: Point[] = [];
  for (let dx = -SEARCH_PX; dx <= SEARCH_PX; dx += SEARCH_STEP_PX) {
    for (let dy = -SEARCH_PX; dy <= SEARCH_PX; dy += SEARCH_STEP_PX) points.push({ x: centre.x + dx, y: centre.y + dy });
  }
  const distance = (point: Point): number => Math.hypot(point.x - centre.x, point.y - centre.y);
  return points.sort((a, b) => distance(a) - distance(b));
}
