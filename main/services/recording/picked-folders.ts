import type { IdGen } from '../../../core/base/ids.ts';
import { fail, ok, reasonOf, type Result } from '../../../core/base/result.ts';
import type { PickedFolder } from '../../../core/contracts/recording.ts';
import type { PickFolder } from '../../ports/recording.ts';

/** More than a trader has in hand; an older choice has to be made anew. */
const MOST_KEPT = 8;

interface PickedFoldersDeps {
  /** Absent where the host has no dialog. */
  readonly pickFolder: PickFolder | undefined;
  readonly ids: IdGen;
}

/** Folders that the user chose in the host's own dialog. The window only has their tokens: it cannot name any other. */
export class PickedFolders {
  readonly #deps: PickedFoldersDeps;
  /** Token → path, oldest first. */
  readonly #paths = new Map<string, string>();

  constructor(deps: PickedFoldersDeps) {
    this.#deps = deps;
  }

  async pick(purpose: Parameters<PickFolder>[0]): Promise<Result<{ folder?: PickedFolder }>> {
    const { pickFolder, ids } = this.#deps;
    if (pickFolder === undefined)
      return fail('NO_DIALOG', 'Folders are chosen in the desktop app: this desk runs without a window of its own.');
    let path: string | undefined;
    try {
      path = await pickFolder(purpose);
    } catch (thrown) {
      return fail('NO_DIALOG', 'The dialog for folders could not be opened. Try again.', {
        retryable: true,
        detail: reasonOf(thrown),
      });
    }
    if (path === undefined) return ok({});
    const token = ids.next('folder');
    this.#paths.set(token, path);
    for (const old of [...this.#paths.keys()].slice(0, -MOST_KEPT)) this.#paths.delete(old);
    return ok({ folder: { token, path } });
  }

  path(token: string): Result<string> {
    const path = this.#paths.get(token);
    return path === undefined ? fail('UNKNOWN_FOLDER', 'This folder was not chosen in the dialog. Choose it again.') : ok(path);
  }
}
