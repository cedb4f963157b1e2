export const FIRST_STEPS = ['watch', 'annotate', 'train', 'predict', 'trade'] as const;
export type FirstStep = (typeof FIRST_STEPS)[number];

interface Settings {
  hidden: boolean;
  /** The trader said to have watched enough. */
  wentOn: boolean;
}
const DEFAULTS: Settings = { hidden: false, wentOn: false };

/** Kept with the panels' settings; the command palette brings the steps back. */
export const FIRST_STEPS_SETTINGS = { name: 'first-steps', defaults: DEFAULTS } as const;

/** What the stores know of how far a new trader came. */
export interface Progress {
  readonly annotations: number;
  readonly minAnnotations: number;
  readonly checkpoints: number;
  readonly predictions: number;
  readonly orders: number;
}

/** Whether each step was done once. Nobody can tell whether somebody watched, so any later step tells it, or that they went on. */
export function stepsDone(progress: Progress, wentOn: boolean): Readonly<Record<FirstStep, boolean>> {
  const { annotations, minAnnotations, checkpoints, predictions, orders } = progress;
  const annotate = annotations >= minAnnotations || checkpoints > 0;
  return {
    watch: wentOn || annotations > 0 || checkpoints > 0 || orders > 0,
    annotate,
    train: checkpoints > 0,
    predict: predictions > 0,
    trade: orders > 0,
  };
}

/** The first step that is still to do; undefined when all are done. */
export function nextStep(done: Readonly<Record<FirstStep, boolean>>): FirstStep | undefined {
  return FIRST_STEPS.find((step) => !done[step]);
}
