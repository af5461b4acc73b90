import type { SourceView } from '../../../shared/view';
import { routeHref } from '../../store/route';
import { useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { grouped } from '../../ui/format/number';
import { visible } from '../../ui/format/visible';

interface RemoveDialogProps {
  readonly view: SourceView;
  readonly onClose: () => void;
}

/** Asks once before a source and its history go. */
export function RemoveDialog({ view, onClose }: RemoveDialogProps) {
  const { call } = useServices();
  const remove = async (): Promise<void> => {
    await call('sources.remove', { id: view.id });
    onClose();
    window.location.hash = routeHref({ page: 'overview' });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Remove ${visible(view.config.name)}?`}
      description={`Its connection is closed and it is no longer watched. ${grouped(view.counters.delivered)} stored events go with it.`}
    >
      <DialogActions>
        <Button onClick={onClose}>Keep it</Button>
        <Button look="danger" onClick={() => void remove()}>
          Remove
        </Button>
      </DialogActions>
    </Dialog>
  );
}
