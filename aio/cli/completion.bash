# bash completion for aio(1)
