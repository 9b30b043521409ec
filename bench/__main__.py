"""Everything that `make bench` measures."""

from bench import quality, slack, speed

quality.main()
speed.main()
slack.main()
