"""Everything that `make bench` measures."""

from bench import quality, reindex, slack, speed

quality.main()
speed.main()
reindex.main()
slack.main()
