import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * Packs the package as it ships and unpacks it where programs in a folder find it by its name alone.
 *
 * @returns the folder, emptied but for that, and the tarball
 */
export function installPacked(name: string): { readonly folder: string; readonly tarball: string } {
  const folder = resolve('out', name)
  rmSync(folder, { recursive: true, force: true })
  const installed = join(folder, 'node_modules/thalweg')
  mkdirSync(installed, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { stdio: 'ignore' })
  const tarball = join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz'))!)
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  return { folder, tarball }
}
