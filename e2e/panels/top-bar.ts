import { expect, type JSHandle, type Locator, type Page } from 'playwright/test';

export class TopBar {
  readonly #page: Page;
  readonly mode: Locator;
  readonly price: Locator;
  readonly killSwitch: Locator;
  readonly theme: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.mode = page.getByTestId('mode-badge');
    this.price = page.getByTestId('mid-price');
    this.killSwitch = page.getByTestId('kill-switch');
    this.theme = page.getByTestId('theme-toggle');
  }

  /** Every text that the price shows from now on, however briefly. */
  watchPrice(): Promise<JSHandle<string[]>> {
    return this.price.evaluateHandle((element) => {
      const texts: string[] = [];
      new MutationObserver(() => texts.push(element.textContent ?? '')).observe(element, {
        subtree: true,
        childList: true,
        characterData: true,
      });
      return texts;
    });
  }

  async setSpeed(speed: number): Promise<void> {
    const choice = this.#page.getByTestId(`speed-${speed}`);
    await choice.click();
    await expect(choice).toHaveAttribute('aria-pressed', 'true');
  }

  /** Runs a command by the palette, as a keyboard user does. */
  async run(command: string): Promise<void> {
    await this.#page.keyboard.press('Control+K');
    const input = this.#page.getByTestId('palette-input');
    await input.fill(command);
    await this.#page.keyboard.press('Enter');
    await expect(input).toBeHidden();
  }
}
