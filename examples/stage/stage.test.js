import { test } from 'node:test'
import { checkStage } from 'thalweg/testing'
import { myStage } from './stage.js'

test('my-stage keeps all that a stage promises', () => checkStage(myStage))
