import type { Migration } from '../migrate.ts';

/** VPIN and the share of large trades of each consolidated-book second; NULL where they are not known. */
export const cobToxicity: Migration = {
  version: 4,
  name: 'VPIN and large trades of consolidated-book seconds',
  statements: ['ALTER TABLE cob_1s ADD COLUMN vpin DOUBLE', 'ALTER TABLE cob_1s ADD COLUMN large_share DOUBLE'],
};
