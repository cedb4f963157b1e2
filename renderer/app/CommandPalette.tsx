import { Command } from 'cmdk';
import { useOverlays } from '../stores/overlays.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { type DeskCommand, useDeskCommands } from './desk-commands.ts';
import { Keys } from './Shortcuts.tsx';

const GROUPS: readonly DeskCommand['group'][] = ['Orders', 'Panels', 'Market', 'Model', 'Window'];

export function CommandPalette() {
  const commands = useDeskCommands();
  const close = useOverlays((state) => state.close);
  return (
    <Dialog title="Command palette" onClose={close} testId="palette">
      <Command label="Command palette" loop vimBindings={false}>
        <Command.Input
          data-autofocus
          placeholder="Type what you want to do…"
          className="palette-input"
          data-testid="palette-input"
        />
        <Command.List className="palette-list">
          <Command.Empty>
            <div className="empty-state">
              <strong>No such command</strong>
              <div>Try a panel’s name, a symbol, “speed”, “cancel” or “theme”.</div>
            </div>
          </Command.Empty>
          {GROUPS.map((group) => {
            const items = commands.filter((command) => command.group === group && command.id !== 'palette');
            return items.length === 0 ? null : (
              <Command.Group key={group} heading={group}>
                {items.map((command) => (
                  <Command.Item
                    key={command.id}
                    value={command.label}
                    keywords={command.keywords === undefined ? [group] : [group, ...command.keywords]}
                    data-testid={`command-${command.id}`}
                    onSelect={() => {
                      close();
                      command.run();
                    }}
                  >
                    <span>{command.label}</span>
                    {command.shortcut !== undefined && <Keys shortcut={command.shortcut} />}
                  </Command.Item>
                ))}
              </Command.Group>
            );
          })}
        </Command.List>
      </Command>
    </Dialog>
  );
}
