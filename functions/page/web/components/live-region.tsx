/** What is told to a screen reader, and for a moment to everybody. */
import { announcement, notice } from '../state/announce.ts';

export function LiveRegion() {
  const { text, number } = announcement.value;
  return (
    <>
      <div class="unseen" role="status" aria-live="polite">
        <span key={number}>{text}</span>
      </div>
      {notice.value && (
        <div class="notice" aria-hidden="true">
          {notice.value}
        </div>
      )}
    </>
  );
}
