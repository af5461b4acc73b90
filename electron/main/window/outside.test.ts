import { describe, expect, it } from 'vitest';
import { createOutside } from './outside';

function rig(answer: () => Promise<boolean>) {
  const asked: string[] = [];
  const opened: string[] = [];
  const open = createOutside({
    ask(url) {
      asked.push(url);
      return answer();
    },
    open: async (url) => void opened.push(url),
  });
  return { asked, opened, open };
}

const refused = { error: { kind: 'refused' } };

describe('an address outside the application', () => {
  it('hostile 12: is opened only after a question in main, which shows exactly what is opened', async () => {
    const no = rig(async () => false);
    await expect(no.open('https://Docs.test/a?stolen=1')).rejects.toMatchObject(refused);
    expect(no).toMatchObject({ asked: ['https://docs.test/a?stolen=1'], opened: [] });
    const yes = rig(async () => true);
    await yes.open('https://d\u043ecs.test/a b\u202e#x');
    expect(yes.opened).toEqual(['https://xn--dcs-sed.test/a%20b%E2%80%AE#x']);
    expect(yes.asked).toEqual(yes.opened);
  });

  it.each(['http://plain.test/', 'https://good.test@evil.test/', 'file:///etc/passwd'])(
    'hostile 12: is refused without a question where it is %s',
    async (url) => {
      const { open, asked } = rig(async () => true);
      await expect(open(url)).rejects.toMatchObject(refused);
      expect(asked).toEqual([]);
    },
  );

  it('hostile 12: is asked about once at a time, however often a page asks', async () => {
    let say = (_: boolean) => {};
    const { open, opened, asked } = rig(
      () =>
        new Promise((resolve) => {
          say = resolve;
        }),
    );
    const first = open('https://docs.test/1');
    await expect(open('https://docs.test/2')).rejects.toMatchObject(refused);
    say(true);
    await first;
    expect([asked, opened]).toEqual([['https://docs.test/1'], ['https://docs.test/1']]);
  });
});
