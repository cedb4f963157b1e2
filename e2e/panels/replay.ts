import { expect, type Locator, type Page } from 'playwright/test';

export class ReplayPanel {
  readonly #page: Page;
  readonly bar: Locator;
  readonly play: Locator;
  readonly time: Locator;
  readonly scrubber: Locator;
  readonly dialog: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.bar = page.getByTestId('replay-bar');
    this.play = page.getByTestId('replay-play');
    this.time = page.getByTestId('replay-time');
    this.scrubber = page.getByTestId('replay-scrubber');
    this.dialog = page.getByTestId('open-replay');
  }

  async showDialog(): Promise<void> {
    await this.#page.getByTestId('open-replay-button').click();
    await expect(this.dialog).toBeVisible();
  }

  async start(): Promise<void> {
    await this.#page.getByTestId('replay-start').click();
    await expect(this.bar).toBeVisible({ timeout: 60_000 });
  }

  async is(state: string): Promise<void> {
    await expect(this.bar).toHaveAttribute('data-state', state, { timeout: 60_000 });
  }

  async setSpeed(speed: number): Promise<void> {
    await this.#page.getByTestId('replay-speed').selectOption(String(speed));
  }

  step(by: 'event' | '1s' | '1m'): Promise<void> {
    return this.#page.getByTestId(`replay-step-${by}`).click();
  }

  /** Market time in milliseconds, as shown: whole seconds. */
  async now(): Promise<number> {
    // While the services restart there is no time to show.
    if (!(await this.time.isVisible())) return Number.NaN;
    return Date.parse(`${(await this.time.innerText()).replace(' ', 'T')}Z`);
  }

  /** As a person does who drags the handle there and lets go. */
  async seek(share: number): Promise<void> {
    const box = await this.scrubber.boundingBox();
    if (box === null) throw new Error('the scrubber is not shown');
    await this.#page.mouse.click(box.x + share * box.width, box.y + box.height / 2);
  }

  /** Waits until the handle stands where `holds` says, as a share of the interval. Answers the market time shown then. */
  async shareShown(holds: (share: number) => boolean): Promise<number> {
    await expect(async () => {
      const [min, max, value] = await this.scrubber.evaluate((input: HTMLInputElement) =>
        [input.min, input.max, input.value].map(Number),
      );
      if (min === undefined || max === undefined || value === undefined) throw new Error('the scrubber has no bounds');
      expect(holds((value - min) / (max - min))).toBe(true);
    }).toPass({ timeout: 90_000 });
    return this.now();
  }
}
