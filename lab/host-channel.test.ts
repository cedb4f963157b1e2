import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { connectHost } from './host-channel.ts';

/** The parts of `process` that the channel touches. */
function fakeProcess(parts: object): NodeJS.Process {
  return Object.assign(new EventEmitter(), parts) as unknown as NodeJS.Process;
}

describe('connectHost', () => {
  it('talks over parentPort in an Electron utility process', () => {
    const parentPort = Object.assign(new EventEmitter(), { postMessage: vi.fn() });
    const channel = connectHost(fakeProcess({ parentPort, send: undefined }));
    const heard: unknown[] = [];
    channel?.onMessage((message) => heard.push(message));
    channel?.post({ kind: 'x' });
    parentPort.emit('message', { data: { kind: 'setSpeed', speed: 2 } });
    expect(parentPort.postMessage).toHaveBeenCalledWith({ kind: 'x' });
    expect(heard).toEqual([{ kind: 'setSpeed', speed: 2 }]);
  });

  it('talks over process messages in a forked process, and ends with its host', () => {
    const process = fakeProcess({ send: vi.fn(), exit: vi.fn() });
    const channel = connectHost(process);
    const heard: unknown[] = [];
    channel?.onMessage((message) => heard.push(message));
    channel?.post({ kind: 'x' });
    process.emit('message', { kind: 'setSpeed', speed: 2 }, undefined);
    expect(process.send).toHaveBeenCalledWith({ kind: 'x' });
    expect(heard).toEqual([{ kind: 'setSpeed', speed: 2 }]);
    process.emit('disconnect');
    expect(process.exit).toHaveBeenCalledOnce();
  });

  it('is absent when a person started the lab', () => {
    expect(connectHost(fakeProcess({ send: undefined }))).toBeUndefined();
  });
});
