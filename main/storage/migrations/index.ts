import type { Migration } from '../migrate.ts';
import { initial } from './0001-initial.ts';
import { dataQuality } from './0002-data-quality.ts';
import { cobFlow } from './0003-cob-flow.ts';
import { cobToxicity } from './0004-cob-toxicity.ts';

/** In order; version n is the nth. A migration that has been released is never edited: add another. */
export const MIGRATIONS: readonly Migration[] = [initial, dataQuality, cobFlow, cobToxicity];
