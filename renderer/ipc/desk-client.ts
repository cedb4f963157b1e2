import type { Result } from '../../core/base/result.ts';
import type { CommandInput, CommandName, CommandOutput } from '../../core/contracts/commands.ts';
import type { StreamEvents, StreamName, StreamParams } from '../../core/contracts/streams.ts';

/** The window's only way to the services, whatever carries it. Never rejects: failures are values. */
export interface DeskClient {
  command<N extends CommandName>(name: N, input: CommandInput<N>): Promise<Result<CommandOutput<N>>>;
  /** `gap` is true when events before this one were conflated away. Re-subscribes by itself after a lost connection. */
  subscribe<N extends StreamName>(
    stream: N,
    params: StreamParams<N>,
    listener: (event: StreamEvents[N], gap: boolean) => void,
  ): () => void;
  onConnection(listener: (state: 'connecting' | 'open' | 'lost') => void): () => void;
}
