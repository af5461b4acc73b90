/** Reasons that this machine gives: its network, its sleep, its clock. A part of the table in `reasons.ts`. */
export const machineReasons = {
  'no-network': { sentence: 'This machine has no network.', advice: 'Check the network of this machine.' },
  'network-back': { sentence: 'The network is back.', advice: '' },
  'network-changed': { sentence: 'This machine moved to another network.', advice: '' },
  asleep: { sentence: 'This machine went to sleep.', advice: '' },
  'stood-still': {
    sentence: 'Wirewatch stood still for *{seconds} s*: this machine was busy, or the process was stopped.',
    advice: '',
  },
  'woke-up': { sentence: 'This machine woke up.', advice: '' },
  'clock-changed': { sentence: 'The clock of this machine was changed by *{seconds} s*.', advice: '' },
  'recheck-due': { sentence: 'Looking once whether it works again.', advice: '' },
} as const;
