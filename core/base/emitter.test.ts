import { describe, expect, it } from 'vitest';
import { Emitter } from './emitter.ts';

describe('Emitter', () => {
  it('tells every listener in the order in which they came, until they leave', () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    const leave = emitter.on((event) => heard.push(`a${event}`));
    emitter.on((event) => heard.push(`b${event}`));
    emitter.emit(1);
    leave();
    leave();
    emitter.emit(2);
    expect(heard).toEqual(['a1', 'b1', 'b2']);
    expect(emitter.listenerCount).toBe(1);
  });

  it('gives the errors of listeners to onError and goes on', () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<string>((thrown) => errors.push(thrown));
    const heard: string[] = [];
    emitter.on(() => {
      throw new Error('first');
    });
    emitter.on((event) => heard.push(event));
    emitter.emit('hello');
    expect(heard).toEqual(['hello']);
    expect(errors.map(String)).toEqual(['Error: first']);
  });

  it('tells everybody before it throws when nobody takes the errors', () => {
    const emitter = new Emitter<string>();
    const heard: string[] = [];
    emitter.on(() => {
      throw new Error('first');
    });
    emitter.on(() => {
      throw new Error('second');
    });
    emitter.on((event) => heard.push(event));
    expect(() => emitter.emit('hello')).toThrow('first');
    expect(heard).toEqual(['hello']);
  });

  it('counts a listener that was added twice as two', () => {
    const emitter = new Emitter<number>();
    let heard = 0;
    const listener = (): void => {
      heard++;
    };
    const leave = emitter.on(listener);
    emitter.on(listener);
    emitter.emit(1);
    expect(heard).toBe(2);
    leave();
    emitter.emit(2);
    expect(heard).toBe(3);
  });

  it('does not tell a listener that left while the event was told', () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    let leave = (): void => {};
    emitter.on(() => leave());
    leave = emitter.on(() => heard.push('left'));
    emitter.emit(1);
    expect(heard).toEqual([]);
  });
});
