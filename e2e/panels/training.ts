import { expect, type Locator, type Page } from 'playwright/test';
import { numbersIn } from './text.ts';

export class TrainingPanel {
  readonly root: Locator;
  readonly epochs: Locator;
  readonly start: Locator;
  readonly pause: Locator;
  readonly resume: Locator;
  readonly stop: Locator;
  readonly state: Locator;
  readonly problem: Locator;
  readonly message: Locator;
  readonly progress: Locator;
  readonly checkpoints: Locator;
  readonly forecast: Locator;

  constructor(page: Page) {
    this.root = page.getByTestId('panel-training');
    this.epochs = this.root.getByTestId('training-epochs');
    this.start = this.root.getByTestId('training-start');
    this.pause = this.root.getByTestId('training-pause');
    this.resume = this.root.getByTestId('training-resume');
    this.stop = this.root.getByTestId('training-stop');
    this.state = this.root.getByTestId('training-state');
    this.problem = this.root.getByTestId('training-problem');
    this.message = this.root.getByTestId('training-message');
    this.progress = this.root.getByRole('progressbar', { name: 'Training progress' });
    this.checkpoints = this.root.getByTestId('checkpoint-row');
    this.forecast = this.root.getByTestId('forecast');
  }

  curve(name: 'loss' | 'accuracy'): Locator {
    return this.root.getByTestId(`${name}-chart`);
  }

  /** Steps done, as the progress bar tells. */
  async step(): Promise<number> {
    return Number(await this.progress.getAttribute('aria-valuenow'));
  }

  async totalSteps(): Promise<number> {
    return Number(await this.progress.getAttribute('aria-valuemax'));
  }

  async reachesStep(step: number): Promise<void> {
    await expect
      .poll(() => this.step(), { message: `training reaches step ${step}`, timeout: 60_000, intervals: [50] })
      .toBeGreaterThanOrEqual(step);
  }

  async checkpointIds(): Promise<string[]> {
    const rows = await this.checkpoints.all();
    return Promise.all(rows.map(async (row) => (await row.getAttribute('data-checkpoint-id')) ?? ''));
  }

  /** Outcomes known of one horizon's newest predictions. */
  async outcomes(horizonMin: number): Promise<number> {
    const tally = this.forecast.getByTestId(`tally-${horizonMin}`);
    if ((await tally.count()) === 0) return 0;
    const [hits, misses] = numbersIn(await tally.innerText());
    return hits === undefined || misses === undefined ? 0 : hits + misses;
  }
}
