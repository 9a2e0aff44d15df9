"""A Redis of the bench's own, set up as deploy/redis says."""

import os
import shutil
import subprocess

from scenarios import settings
from scenarios.programs import Failed, Program, free_port

_DEPLOY = os.path.join(settings.ROOT, 'deploy', 'redis')
_PASSWORD = 'secret'


def redis_server(path):
    """In a directory that it makes; on the load's core. `uri` is what a
    recur-server is started with."""
    if shutil.which('redis-server') is None:
        raise Failed('redis-server is not installed')
    os.makedirs(path)
    users = os.path.join(path, 'users.acl')
    _write_users(users)
    port = free_port()
    server = Program('redis', [
        'redis-server', '--bind', '127.0.0.1', '--port', str(port),
        '--dir', path, '--aclfile', users, '--save', '',
        '--appendonly', 'yes', '--appendfsync', 'always',
        '--maxmemory-policy', 'noeviction',
    ], r'Ready to accept connections()', core=settings.LOAD_CORE)
    try:
        _load_functions(port)
    except BaseException:
        server.stop()
        raise
    server.uri = f'redis://recur:{_PASSWORD}@127.0.0.1:{port}/0?prefix=recur:'
    return server


def _write_users(path):
    with open(os.path.join(_DEPLOY, 'users.acl'), encoding='ascii') as file:
        users = file.read().replace('change-me', _PASSWORD)
    with open(path, 'w', encoding='ascii') as file:
        file.write('user default on nopass ~* &* +@all\n' + users)


def _load_functions(port):
    with open(os.path.join(_DEPLOY, 'recur.lua'), encoding='ascii') as file:
        done = subprocess.run(
            ['redis-cli', '-p', str(port), '-x', 'FUNCTION', 'LOAD', 'REPLACE'],
            stdin=file, capture_output=True, text=True, timeout=30,
            check=False)
    if done.stdout.strip() != 'recur':
        raise Failed(f'redis did not load its functions: {done.stdout}'
                     f'{done.stderr}')
