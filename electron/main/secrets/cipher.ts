import { app, safeStorage } from 'electron';
import type { SecretStorage } from '../../../shared/secrets';

/** Where secrets can be encrypted, and how well they are then kept. */
export interface Cipher {
  storage(): SecretStorage;
  /** Allows encryption that protects from nobody; only after the person has said so. */
  allowWeak(): void;
  encrypt(text: string): Buffer;
  /** Throws when the keyring is locked, or another one than it was encrypted with. */
  decrypt(bytes: Buffer): string;
}

/** The system's keyring, through Electron. To be used when the application is ready. */
export function createSystemCipher(): Cipher {
  return {
    storage() {
      // Without a keyring older Electrons encrypt nothing at all, newer ones when they are told to.
      if (isBasicText()) return 'setUsePlainTextEncryption' in safeStorage ? 'weak' : 'none';
      return safeStorage.isEncryptionAvailable() ? 'keyring' : 'none';
    },
    allowWeak() {
      if ('setUsePlainTextEncryption' in safeStorage && isBasicText()) safeStorage.setUsePlainTextEncryption(true);
    },
    encrypt: (text) => safeStorage.encryptString(text),
    decrypt: (bytes) => safeStorage.decryptString(bytes),
  };
}

/** Whether what is called encryption uses a password that everyone knows. Electron 25 cannot be asked for its choice. */
function isBasicText(): boolean {
  if (process.platform !== 'linux') return false;
  if ('getSelectedStorageBackend' in safeStorage) return safeStorage.getSelectedStorageBackend() === 'basic_text';
  return app.commandLine.getSwitchValue('password-store') === 'basic';
}
