import { describe, expect, it } from 'vitest';
import { Vpin } from './vpin.ts';

/** Three buckets, each of what is traded in a second. */
const THREE = { buckets: 3, spanMs: 3_000, windowMs: 60_000, leastMs: 1_000 };

/** Ten units were traded in the first second: V = 10. */
function ofTen(): Vpin {
  const vpin = new Vpin(THREE);
  vpin.advance(0);
  vpin.add(10, true);
  vpin.advance(1_000);
  return vpin;
}

describe('Vpin', () => {
  it('is the mean of |bought − sold| / V over full buckets; a trade goes on in the next one', () => {
    const vpin = ofTen();
    expect(vpin.bucketVolume).toBe(10);
    vpin.add(6, true);
    vpin.add(4, false);
    vpin.add(10, true);
    vpin.add(3, false);
    expect(vpin.value).toBeNaN();
    // 7 of these 9 fill the third: 0.2, 1 and 0.4.
    vpin.add(9, true);
    expect(vpin.value).toBeCloseTo(1.6 / 3, 12);
    // 8 fill the bucket that 2 bought began, 10 make one of their own, 7 are left: 0.4, 0.6 and 1.
    vpin.add(25, false);
    expect(vpin.value).toBeCloseTo(2 / 3, 12);
    // Exactly what is left: 0.6, 1 and |3 − 7| / 10.
    vpin.add(3, true);
    expect(vpin.value).toBeCloseTo(2 / 3, 12);
    vpin.add(5, true);
    vpin.add(5, false);
    expect(vpin.value).toBeCloseTo((1 + 0.4 + 0) / 3, 12);
  });

  it('is of one trade alone when that fills every bucket, however large it is', () => {
    const vpin = ofTen();
    vpin.add(7, false);
    vpin.add(1e15, true);
    expect(vpin.value).toBe(1);
  });

  it('counts nothing before it was watched, nor before the least time has passed', () => {
    const vpin = new Vpin(THREE);
    vpin.add(1_000, true);
    vpin.advance(5_000);
    vpin.add(4, true);
    vpin.advance(5_500);
    expect(vpin.bucketVolume).toBeNaN();
    vpin.advance(6_000);
    expect(vpin.bucketVolume).toBe(4);
    vpin.add(11.9, true);
    expect(vpin.value).toBeNaN();
    vpin.add(0.1, false);
    expect(vpin.value).toBeCloseTo((1 + 1 + 3.8 / 4) / 3, 12);
  });

  it('waits for volume', () => {
    const vpin = new Vpin(THREE);
    for (let t = 0; t < 30_000; t += 1_000) vpin.advance(t);
    expect(vpin.bucketVolume).toBeNaN();
    vpin.add(60, true);
    vpin.advance(30_000);
    expect(vpin.bucketVolume).toBe(2);
  });

  it('sets V when a bucket begins, of seconds that are over, and keeps it over an hour without trades', () => {
    const vpin = ofTen();
    vpin.add(9, true);
    vpin.advance(2_000);
    expect(vpin.bucketVolume).toBe(10);
    // 19 in two seconds; what fills the bucket is not over yet.
    vpin.add(1, true);
    expect(vpin.bucketVolume).toBe(9.5);
    // More than the window later the mean is 0 a second: V stays.
    for (let t = 3_000; t < 200_000; t += 1_000) vpin.advance(t);
    vpin.add(9.5, false);
    expect(vpin.bucketVolume).toBe(9.5);
    vpin.add(9.5, false);
    expect(vpin.value).toBe(1);
  });

  it('refuses a window that is not whole minutes', () => {
    expect(() => new Vpin({ windowMs: 90_000 })).toThrow('whole minutes');
  });
});
